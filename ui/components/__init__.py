"""Parts that several pages share: contact sheet, confusion matrix, scatter, stages."""
