SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.events (
    id integer NOT NULL,
    run character varying(16) NOT NULL,
    at double precision NOT NULL,
    attempt integer NOT NULL,
    what character varying(32) NOT NULL,
    detail text NOT NULL
);
CREATE SEQUENCE public.events_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_id_seq OWNED BY public.events.id;
CREATE TABLE public.metrics (
    run character varying(16) NOT NULL,
    epoch integer NOT NULL,
    attempt integer NOT NULL,
    metrics json NOT NULL
);
CREATE TABLE public.runs (
    id character varying(16) NOT NULL,
    submit_key character varying(64) NOT NULL,
    owner character varying(64) NOT NULL,
    kind character varying(16) NOT NULL,
    name character varying(100) NOT NULL,
    config json NOT NULL,
    status character varying(16) NOT NULL,
    want character varying(8) NOT NULL,
    attempt integer NOT NULL,
    lease double precision,
    pid integer,
    phase character varying(100) NOT NULL,
    epoch integer NOT NULL,
    batch integer NOT NULL,
    n_batches integer NOT NULL,
    result json,
    error_kind character varying(16),
    error text,
    created double precision NOT NULL,
    started double precision,
    finished double precision
);
ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES
	('0001');
INSERT INTO public.events VALUES
	(21, 'fC2t8w_2dUbW77Uy', 1735198687.898983, 0, 'queued', ''),
	(22, 'fC2t8w_2dUbW77Uy', 1735198687.9009948, 1, 'claimed', ''),
	(23, 'fC2t8w_2dUbW77Uy', 1735198688.5069861, 1, 'started', ''),
	(24, 'fC2t8w_2dUbW77Uy', 1735198697.6440117, 1, 'done', ''),
	(25, 'aHZjPan-ncu4cnxh', 1735198697.6829977, 0, 'queued', ''),
	(26, 'aHZjPan-ncu4cnxh', 1735198697.6860151, 1, 'claimed', ''),
	(27, 'aHZjPan-ncu4cnxh', 1735198698.2920065, 1, 'started', ''),
	(28, 'aHZjPan-ncu4cnxh', 1735198701.9139946, 1, 'done', ''),
	(29, '7HcL87IYk8-sjFLp', 1735198701.9459798, 0, 'queued', ''),
	(30, '7HcL87IYk8-sjFLp', 1735198701.9489975, 1, 'claimed', ''),
	(31, '7HcL87IYk8-sjFLp', 1735198702.5570006, 1, 'started', ''),
	(32, '7HcL87IYk8-sjFLp', 1735198706.4419925, 1, 'stopped', ''),
	(37, '2rJWRzj31LKdebqK', 1735198709.852998, 0, 'queued', ''),
	(38, '2rJWRzj31LKdebqK', 1735198709.8550096, 1, 'claimed', ''),
	(39, '2rJWRzj31LKdebqK', 1735198710.3839948, 1, 'started', ''),
	(40, '2rJWRzj31LKdebqK', 1735198710.3950188, 1, 'failed', 'The pictures of ''sky'' have changed since this was filed. Start it again with the data set as it is now.'),
	(53, 'htTMmSlA5dj0Y5kM', 1735198722.0310047, 0, 'queued', '');
INSERT INTO public.metrics VALUES
	('fC2t8w_2dUbW77Uy', 1, 1, '{"epoch": 1, "loss": 0.7876584198739793, "accuracy": 0.4444444444444444, "val_loss": 0.6969528794288635, "val_accuracy": 0.6153846383094788, "seconds": 1.8471605339999542}'),
	('fC2t8w_2dUbW77Uy', 2, 1, '{"epoch": 2, "loss": 0.764894821025707, "accuracy": 0.5185185185185185, "val_loss": 0.6037695407867432, "val_accuracy": 0.692307710647583, "seconds": 0.08812047799995071}'),
	('fC2t8w_2dUbW77Uy', 3, 1, '{"epoch": 3, "loss": 0.6335040463341607, "accuracy": 0.6666666666666666, "val_loss": 0.6848034262657166, "val_accuracy": 0.5384615659713745, "seconds": 0.08516806300008284}'),
	('fC2t8w_2dUbW77Uy', 4, 1, '{"epoch": 4, "loss": 0.6923973560333252, "accuracy": 0.5555555555555556, "val_loss": 0.7037570476531982, "val_accuracy": 0.6153846383094788, "seconds": 0.06911818200001107}'),
	('fC2t8w_2dUbW77Uy', 5, 1, '{"epoch": 5, "loss": 0.7706440179436295, "accuracy": 0.48148148148148145, "val_loss": 0.6954026818275452, "val_accuracy": 0.6153846383094788, "seconds": 0.08169828600000528}'),
	('fC2t8w_2dUbW77Uy', 6, 1, '{"epoch": 6, "loss": 0.5903055160133927, "accuracy": 0.7037037037037037, "val_loss": 0.6880514621734619, "val_accuracy": 0.6153846383094788, "seconds": 0.07683592300008968}'),
	('fC2t8w_2dUbW77Uy', 7, 1, '{"epoch": 7, "loss": 0.6798374321725633, "accuracy": 0.5555555555555556, "val_loss": 0.5599879622459412, "val_accuracy": 0.7692307829856873, "seconds": 0.06795758800001295}'),
	('fC2t8w_2dUbW77Uy', 8, 1, '{"epoch": 8, "loss": 0.5884659709753813, "accuracy": 0.6666666666666666, "val_loss": 0.4702054262161255, "val_accuracy": 0.8461538553237915, "seconds": 0.08048360199995841}'),
	('fC2t8w_2dUbW77Uy', 9, 1, '{"epoch": 9, "loss": 0.6115710867775811, "accuracy": 0.7037037037037037, "val_loss": 0.41312292218208313, "val_accuracy": 0.9230769276618958, "seconds": 0.06725729499999034}'),
	('fC2t8w_2dUbW77Uy', 10, 1, '{"epoch": 10, "loss": 0.5833212755344532, "accuracy": 0.5925925925925926, "val_loss": 0.382248193025589, "val_accuracy": 0.9230769276618958, "seconds": 0.0753140289999692}'),
	('fC2t8w_2dUbW77Uy', 11, 1, '{"epoch": 11, "loss": 0.6422247974960892, "accuracy": 0.5185185185185185, "val_loss": 0.36278966069221497, "val_accuracy": 0.9230769276618958, "seconds": 0.07178371299994524}'),
	('fC2t8w_2dUbW77Uy', 12, 1, '{"epoch": 12, "loss": 0.6545321654390406, "accuracy": 0.6296296296296297, "val_loss": 0.338503897190094, "val_accuracy": 0.9230769276618958, "seconds": 0.07466545099998712}'),
	('fC2t8w_2dUbW77Uy', 13, 1, '{"epoch": 13, "loss": 0.559591222692419, "accuracy": 0.7407407407407407, "val_loss": 0.3211151659488678, "val_accuracy": 0.9230769276618958, "seconds": 0.0857538839999279}'),
	('fC2t8w_2dUbW77Uy', 14, 1, '{"epoch": 14, "loss": 0.5394339406931842, "accuracy": 0.7777777777777778, "val_loss": 0.31564605236053467, "val_accuracy": 0.9230769276618958, "seconds": 0.08061096699998416}'),
	('fC2t8w_2dUbW77Uy', 15, 1, '{"epoch": 15, "loss": 0.6110747279944243, "accuracy": 0.6296296296296297, "val_loss": 0.30317673087120056, "val_accuracy": 0.9230769276618958, "seconds": 0.08701466799993796}'),
	('fC2t8w_2dUbW77Uy', 16, 1, '{"epoch": 16, "loss": 0.6931739526766317, "accuracy": 0.5925925925925926, "val_loss": 0.30069461464881897, "val_accuracy": 0.9230769276618958, "seconds": 0.07882103299994014}'),
	('fC2t8w_2dUbW77Uy', 17, 1, '{"epoch": 17, "loss": 0.5061263155054163, "accuracy": 0.7777777777777778, "val_loss": 0.3047986924648285, "val_accuracy": 1.0, "seconds": 0.07993690000000697}'),
	('fC2t8w_2dUbW77Uy', 18, 1, '{"epoch": 18, "loss": 0.5385119550757937, "accuracy": 0.7777777777777778, "val_loss": 0.2876465320587158, "val_accuracy": 1.0, "seconds": 0.08430224000005637}'),
	('fC2t8w_2dUbW77Uy', 19, 1, '{"epoch": 19, "loss": 0.6143536976090184, "accuracy": 0.7777777777777778, "val_loss": 0.27135249972343445, "val_accuracy": 0.9230769276618958, "seconds": 0.07226828500006377}'),
	('fC2t8w_2dUbW77Uy', 20, 1, '{"epoch": 20, "loss": 0.6325711751425708, "accuracy": 0.6296296296296297, "val_loss": 0.2445867955684662, "val_accuracy": 0.9230769276618958, "seconds": 0.08608717200002047}'),
	('fC2t8w_2dUbW77Uy', 21, 1, '{"epoch": 21, "loss": 0.5600152987020987, "accuracy": 0.7777777777777778, "val_loss": 0.23358935117721558, "val_accuracy": 0.9230769276618958, "seconds": 0.07295983200003775}'),
	('fC2t8w_2dUbW77Uy', 22, 1, '{"epoch": 22, "loss": 0.7225733333163791, "accuracy": 0.5555555555555556, "val_loss": 0.22535696625709534, "val_accuracy": 0.9230769276618958, "seconds": 0.08152159099995515}'),
	('fC2t8w_2dUbW77Uy', 23, 1, '{"epoch": 23, "loss": 0.4521825721970311, "accuracy": 0.8148148148148148, "val_loss": 0.2357436716556549, "val_accuracy": 0.9230769276618958, "seconds": 0.08368431499991402}'),
	('fC2t8w_2dUbW77Uy', 24, 1, '{"epoch": 24, "loss": 0.5623552986869106, "accuracy": 0.7407407407407407, "val_loss": 0.24027229845523834, "val_accuracy": 0.9230769276618958, "seconds": 0.07370872900003178}'),
	('fC2t8w_2dUbW77Uy', 25, 1, '{"epoch": 25, "loss": 0.6976430239500823, "accuracy": 0.5185185185185185, "val_loss": 0.23868465423583984, "val_accuracy": 0.9230769276618958, "seconds": 0.08871139400002903}'),
	('fC2t8w_2dUbW77Uy', 26, 1, '{"epoch": 26, "loss": 0.686465632032465, "accuracy": 0.6666666666666666, "val_loss": 0.24084077775478363, "val_accuracy": 0.9230769276618958, "seconds": 0.07654106400002547}'),
	('fC2t8w_2dUbW77Uy', 27, 1, '{"epoch": 27, "loss": 0.5178250284106644, "accuracy": 0.7037037037037037, "val_loss": 0.2449178844690323, "val_accuracy": 0.9230769276618958, "seconds": 0.07899133499995514}'),
	('fC2t8w_2dUbW77Uy', 28, 1, '{"epoch": 28, "loss": 0.6412555564332891, "accuracy": 0.5185185185185185, "val_loss": 0.25419673323631287, "val_accuracy": 0.9230769276618958, "seconds": 0.08197352599995611}'),
	('fC2t8w_2dUbW77Uy', 29, 1, '{"epoch": 29, "loss": 0.5726286106639438, "accuracy": 0.7407407407407407, "val_loss": 0.26070573925971985, "val_accuracy": 0.9230769276618958, "seconds": 0.07465934200001811}'),
	('fC2t8w_2dUbW77Uy', 30, 1, '{"epoch": 30, "loss": 0.5477398059986256, "accuracy": 0.7777777777777778, "val_loss": 0.2547758221626282, "val_accuracy": 0.9230769276618958, "seconds": 0.08734415699996134}'),
	('fC2t8w_2dUbW77Uy', 31, 1, '{"epoch": 31, "loss": 0.5854224783402903, "accuracy": 0.6666666666666666, "val_loss": 0.24851614236831665, "val_accuracy": 0.9230769276618958, "seconds": 0.0751617549999537}'),
	('fC2t8w_2dUbW77Uy', 32, 1, '{"epoch": 32, "loss": 0.658360837786286, "accuracy": 0.5925925925925926, "val_loss": 0.24080875515937805, "val_accuracy": 0.9230769276618958, "seconds": 0.08351407300006031}'),
	('fC2t8w_2dUbW77Uy', 33, 1, '{"epoch": 33, "loss": 0.6679817405011919, "accuracy": 0.48148148148148145, "val_loss": 0.23463556170463562, "val_accuracy": 0.9230769276618958, "seconds": 0.07995314400000098}'),
	('fC2t8w_2dUbW77Uy', 34, 1, '{"epoch": 34, "loss": 0.5893535713354746, "accuracy": 0.7037037037037037, "val_loss": 0.2370583415031433, "val_accuracy": 0.9230769276618958, "seconds": 0.08016168500000731}'),
	('fC2t8w_2dUbW77Uy', 35, 1, '{"epoch": 35, "loss": 0.5966319176885817, "accuracy": 0.6666666666666666, "val_loss": 0.23342405259609222, "val_accuracy": 0.9230769276618958, "seconds": 0.0723979120000422}'),
	('fC2t8w_2dUbW77Uy', 36, 1, '{"epoch": 36, "loss": 0.6059152009310546, "accuracy": 0.6666666666666666, "val_loss": 0.23556619882583618, "val_accuracy": 0.9230769276618958, "seconds": 0.08276458799991815}'),
	('fC2t8w_2dUbW77Uy', 37, 1, '{"epoch": 37, "loss": 0.549988337137081, "accuracy": 0.7037037037037037, "val_loss": 0.24286328256130219, "val_accuracy": 0.9230769276618958, "seconds": 0.07925025499991989}'),
	('fC2t8w_2dUbW77Uy', 38, 1, '{"epoch": 38, "loss": 0.5816506500597354, "accuracy": 0.7037037037037037, "val_loss": 0.25141918659210205, "val_accuracy": 0.9230769276618958, "seconds": 0.0812977130000263}'),
	('fC2t8w_2dUbW77Uy', 39, 1, '{"epoch": 39, "loss": 0.5256212806260144, "accuracy": 0.6666666666666666, "val_loss": 0.25506314635276794, "val_accuracy": 0.9230769276618958, "seconds": 0.12153181899998344}'),
	('fC2t8w_2dUbW77Uy', 40, 1, '{"epoch": 40, "loss": 0.6266210189572087, "accuracy": 0.7037037037037037, "val_loss": 0.2476138025522232, "val_accuracy": 0.9230769276618958, "seconds": 0.08362195400002292}'),
	('aHZjPan-ncu4cnxh', 1, 1, '{"epoch": 1, "loss": 0.7979787808877451, "accuracy": 0.33333333554091277, "val_loss": 0.6795976161956787, "val_accuracy": 0.5384615659713745, "seconds": 0.4815701979999858}'),
	('aHZjPan-ncu4cnxh', 2, 1, '{"epoch": 2, "loss": 0.6372380245614935, "accuracy": 0.7777777777777778, "val_loss": 0.5482034087181091, "val_accuracy": 0.5384615659713745, "seconds": 0.06838650899999266}'),
	('aHZjPan-ncu4cnxh', 3, 1, '{"epoch": 3, "loss": 0.5299471859578733, "accuracy": 0.7777777799853572, "val_loss": 0.4179834723472595, "val_accuracy": 1.0, "seconds": 0.06575312899997243}'),
	('7HcL87IYk8-sjFLp', 1, 1, '{"epoch": 1, "loss": 0.5807141650606085, "accuracy": 0.7037037037037037, "val_loss": 0.35411760210990906, "val_accuracy": 1.0, "seconds": 0.5299073139999564}'),
	('7HcL87IYk8-sjFLp', 2, 1, '{"epoch": 2, "loss": 0.35933109400448976, "accuracy": 0.8888888888888888, "val_loss": 0.2316451370716095, "val_accuracy": 1.0, "seconds": 0.08496333599998707}'),
	('7HcL87IYk8-sjFLp', 3, 1, '{"epoch": 3, "loss": 0.2646344270971086, "accuracy": 0.9259259259259259, "val_loss": 0.13258081674575806, "val_accuracy": 1.0, "seconds": 0.09288434500001586}'),
	('7HcL87IYk8-sjFLp', 4, 1, '{"epoch": 4, "loss": 0.17447369973416682, "accuracy": 0.9629629629629629, "val_loss": 0.08835054934024811, "val_accuracy": 1.0, "seconds": 0.09171970399995644}');
INSERT INTO public.runs VALUES
	('fC2t8w_2dUbW77Uy', 'run 5', 'a84a40bdae3557130ddc1701329c8fac96240f52cabd562b32dd067c1c81dd60', 'train', 'two layers, standardised', '{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 8], "mode": "gray", "resize": "pad", "resample": "bicubic", "scaling": "standard"}, "network": {"hidden_units": [8, 6], "activation": "relu", "dropout_rate": 0.2, "batch_normalization": true, "l2": 0.0001, "optimizer": "adam", "learning_rate": 0.003, "schedule": "cosine", "batch_size": 2, "epochs": 40, "seed": 3, "early_stopping_patience": 40}, "schema_version": 1}', 'done', 'run', 1, NULL, 10325, '', 40, 0, 14, '{"test": {"split": "test", "n_images": 13, "accuracy": 0.8461538461538461, "loss": 0.28789371252059937, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[6, 1], [1, 5]], "classes": [{"class_name": "dawn", "precision": 0.8571428571428571, "recall": 0.8571428571428571, "f1": 0.8571428571428571, "n_images": 7}, {"class_name": "dusk", "precision": 0.8333333333333334, "recall": 0.8333333333333334, "f1": 0.8333333333333334, "n_images": 6}]}, "best_epoch": 22, "kept_epoch": 22, "cut_batches": 0, "n_threads": 2, "ended_by": "", "n_parameters": 644, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 0.8888888888888888, "validation": 0.9230769230769231, "test": 0.8461538461538461}, "seconds": 4.980108475999714}', NULL, NULL, 1735198687.898983, 1735198688.5069861, 1735198697.6440117),
	('aHZjPan-ncu4cnxh', 'run 6', '792d65ce3686861e6854d07f14372d85ea8a272b0ab197d858fa043eff8438fe', 'train', '', '{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "sgd", "learning_rate": 0.01, "schedule": "constant", "batch_size": 4, "epochs": 3, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}', 'done', 'run', 1, NULL, 10708, '', 3, 0, 0, '{"test": {"split": "test", "n_images": 13, "accuracy": 0.8461538461538461, "loss": 0.4942891299724579, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[7, 0], [2, 4]], "classes": [{"class_name": "dawn", "precision": 0.7777777777777778, "recall": 1.0, "f1": 0.8750000000000001, "n_images": 7}, {"class_name": "dusk", "precision": 1.0, "recall": 0.6666666666666666, "f1": 0.8, "n_images": 6}]}, "best_epoch": 3, "kept_epoch": 3, "cut_batches": 0, "n_threads": 2, "ended_by": "", "n_parameters": 482, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 0.9259259259259259, "validation": 1.0, "test": 0.8461538461538461}, "seconds": 0.6157098359999509}', NULL, NULL, 1735198697.6829977, 1735198698.2910008, 1735198701.9139946),
	('7HcL87IYk8-sjFLp', 'run 7', '', 'train', 'stopped early', '{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [6], "activation": "tanh", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "rmsprop", "learning_rate": 0.001, "schedule": "constant", "batch_size": 1, "epochs": 1000, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}', 'stopped', 'stop', 1, NULL, 10762, '', 4, 26, 27, '{"test": {"split": "test", "n_images": 13, "accuracy": 0.9230769230769231, "loss": 0.28809553384780884, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[7, 0], [1, 5]], "classes": [{"class_name": "dawn", "precision": 0.875, "recall": 1.0, "f1": 0.9333333333333333, "n_images": 7}, {"class_name": "dusk", "precision": 1.0, "recall": 0.8333333333333334, "f1": 0.9090909090909091, "n_images": 6}]}, "best_epoch": 4, "kept_epoch": null, "cut_batches": 27, "n_threads": 2, "ended_by": "", "n_parameters": 1460, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 1.0, "validation": 1.0, "test": 0.9230769230769231}, "seconds": 0.836951274999933}', NULL, NULL, 1735198701.9459798, 1735198702.5559947, 1735198706.4419925),
	('2rJWRzj31LKdebqK', 'run 9', '792d65ce3686861e6854d07f14372d85ea8a272b0ab197d858fa043eff8438fe', 'train', '', '{"dataset": "sky", "fingerprint": "00000000000000000000000000000000", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [4], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "adam", "learning_rate": 0.001, "schedule": "constant", "batch_size": 128, "epochs": 2, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}', 'failed', 'run', 1, NULL, 10844, '', 0, 0, 0, 'null', 'data', 'The pictures of ''sky'' have changed since this was filed. Start it again with the data set as it is now.', 1735198709.852998, 1735198710.3839948, 1735198710.394013),
	('htTMmSlA5dj0Y5kM', 'run 13', 'a84a40bdae3557130ddc1701329c8fac96240f52cabd562b32dd067c1c81dd60', 'train', 'queued', '{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [4], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "adam", "learning_rate": 0.01, "schedule": "constant", "batch_size": 4, "epochs": 2, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}', 'queued', 'run', 0, NULL, NULL, '', 0, 0, 0, 'null', NULL, NULL, 1735198722.0310047, NULL, NULL);
SELECT pg_catalog.setval('public.events_id_seq', 53, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.metrics
    ADD CONSTRAINT metrics_pkey PRIMARY KEY (run, epoch);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_submit_key_key UNIQUE (submit_key);
CREATE INDEX ix_events_run ON public.events USING btree (run);
CREATE INDEX ix_runs_status ON public.runs USING btree (status);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_run_fkey FOREIGN KEY (run) REFERENCES public.runs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.metrics
    ADD CONSTRAINT metrics_run_fkey FOREIGN KEY (run) REFERENCES public.runs(id) ON DELETE CASCADE;
