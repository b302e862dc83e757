BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE events (
	id INTEGER NOT NULL, 
	run VARCHAR(16) NOT NULL, 
	at FLOAT NOT NULL, 
	attempt INTEGER NOT NULL, 
	what VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "events" VALUES(21,'fC2t8w_2dUbW77Uy',1.73519868789898300169e+09,0,'queued','');
INSERT INTO "events" VALUES(22,'fC2t8w_2dUbW77Uy',1.73519868790099477773e+09,1,'claimed','');
INSERT INTO "events" VALUES(23,'fC2t8w_2dUbW77Uy',1.73519868850698614115e+09,1,'started','');
INSERT INTO "events" VALUES(24,'fC2t8w_2dUbW77Uy',1.73519869764401173592e+09,1,'done','');
INSERT INTO "events" VALUES(25,'aHZjPan-ncu4cnxh',1.7351986976829977035e+09,0,'queued','');
INSERT INTO "events" VALUES(26,'aHZjPan-ncu4cnxh',1.73519869768601512913e+09,1,'claimed','');
INSERT INTO "events" VALUES(27,'aHZjPan-ncu4cnxh',1.73519869829200649264e+09,1,'started','');
INSERT INTO "events" VALUES(28,'aHZjPan-ncu4cnxh',1.73519870191399455065e+09,1,'done','');
INSERT INTO "events" VALUES(29,'7HcL87IYk8-sjFLp',1.73519870194597983356e+09,0,'queued','');
INSERT INTO "events" VALUES(30,'7HcL87IYk8-sjFLp',1.73519870194899749758e+09,1,'claimed','');
INSERT INTO "events" VALUES(31,'7HcL87IYk8-sjFLp',1.73519870255700063704e+09,1,'started','');
INSERT INTO "events" VALUES(32,'7HcL87IYk8-sjFLp',1.73519870644199252123e+09,1,'stopped','');
INSERT INTO "events" VALUES(37,'2rJWRzj31LKdebqK',1.73519870985299801829e+09,0,'queued','');
INSERT INTO "events" VALUES(38,'2rJWRzj31LKdebqK',1.73519870985500955585e+09,1,'claimed','');
INSERT INTO "events" VALUES(39,'2rJWRzj31LKdebqK',1.73519871038399481778e+09,1,'started','');
INSERT INTO "events" VALUES(40,'2rJWRzj31LKdebqK',1.73519871039501881598e+09,1,'failed','The pictures of ''sky'' have changed since this was filed. Start it again with the data set as it is now.');
INSERT INTO "events" VALUES(53,'htTMmSlA5dj0Y5kM',1.73519872203100466731e+09,0,'queued','');
CREATE TABLE metrics (
	run VARCHAR(16) NOT NULL, 
	epoch INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	metrics JSON NOT NULL, 
	PRIMARY KEY (run, epoch), 
	FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',1,1,'{"epoch": 1, "loss": 0.7876584198739793, "accuracy": 0.4444444444444444, "val_loss": 0.6969528794288635, "val_accuracy": 0.6153846383094788, "seconds": 1.8471605339999542}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',2,1,'{"epoch": 2, "loss": 0.764894821025707, "accuracy": 0.5185185185185185, "val_loss": 0.6037695407867432, "val_accuracy": 0.692307710647583, "seconds": 0.08812047799995071}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',3,1,'{"epoch": 3, "loss": 0.6335040463341607, "accuracy": 0.6666666666666666, "val_loss": 0.6848034262657166, "val_accuracy": 0.5384615659713745, "seconds": 0.08516806300008284}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',4,1,'{"epoch": 4, "loss": 0.6923973560333252, "accuracy": 0.5555555555555556, "val_loss": 0.7037570476531982, "val_accuracy": 0.6153846383094788, "seconds": 0.06911818200001107}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',5,1,'{"epoch": 5, "loss": 0.7706440179436295, "accuracy": 0.48148148148148145, "val_loss": 0.6954026818275452, "val_accuracy": 0.6153846383094788, "seconds": 0.08169828600000528}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',6,1,'{"epoch": 6, "loss": 0.5903055160133927, "accuracy": 0.7037037037037037, "val_loss": 0.6880514621734619, "val_accuracy": 0.6153846383094788, "seconds": 0.07683592300008968}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',7,1,'{"epoch": 7, "loss": 0.6798374321725633, "accuracy": 0.5555555555555556, "val_loss": 0.5599879622459412, "val_accuracy": 0.7692307829856873, "seconds": 0.06795758800001295}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',8,1,'{"epoch": 8, "loss": 0.5884659709753813, "accuracy": 0.6666666666666666, "val_loss": 0.4702054262161255, "val_accuracy": 0.8461538553237915, "seconds": 0.08048360199995841}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',9,1,'{"epoch": 9, "loss": 0.6115710867775811, "accuracy": 0.7037037037037037, "val_loss": 0.41312292218208313, "val_accuracy": 0.9230769276618958, "seconds": 0.06725729499999034}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',10,1,'{"epoch": 10, "loss": 0.5833212755344532, "accuracy": 0.5925925925925926, "val_loss": 0.382248193025589, "val_accuracy": 0.9230769276618958, "seconds": 0.0753140289999692}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',11,1,'{"epoch": 11, "loss": 0.6422247974960892, "accuracy": 0.5185185185185185, "val_loss": 0.36278966069221497, "val_accuracy": 0.9230769276618958, "seconds": 0.07178371299994524}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',12,1,'{"epoch": 12, "loss": 0.6545321654390406, "accuracy": 0.6296296296296297, "val_loss": 0.338503897190094, "val_accuracy": 0.9230769276618958, "seconds": 0.07466545099998712}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',13,1,'{"epoch": 13, "loss": 0.559591222692419, "accuracy": 0.7407407407407407, "val_loss": 0.3211151659488678, "val_accuracy": 0.9230769276618958, "seconds": 0.0857538839999279}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',14,1,'{"epoch": 14, "loss": 0.5394339406931842, "accuracy": 0.7777777777777778, "val_loss": 0.31564605236053467, "val_accuracy": 0.9230769276618958, "seconds": 0.08061096699998416}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',15,1,'{"epoch": 15, "loss": 0.6110747279944243, "accuracy": 0.6296296296296297, "val_loss": 0.30317673087120056, "val_accuracy": 0.9230769276618958, "seconds": 0.08701466799993796}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',16,1,'{"epoch": 16, "loss": 0.6931739526766317, "accuracy": 0.5925925925925926, "val_loss": 0.30069461464881897, "val_accuracy": 0.9230769276618958, "seconds": 0.07882103299994014}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',17,1,'{"epoch": 17, "loss": 0.5061263155054163, "accuracy": 0.7777777777777778, "val_loss": 0.3047986924648285, "val_accuracy": 1.0, "seconds": 0.07993690000000697}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',18,1,'{"epoch": 18, "loss": 0.5385119550757937, "accuracy": 0.7777777777777778, "val_loss": 0.2876465320587158, "val_accuracy": 1.0, "seconds": 0.08430224000005637}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',19,1,'{"epoch": 19, "loss": 0.6143536976090184, "accuracy": 0.7777777777777778, "val_loss": 0.27135249972343445, "val_accuracy": 0.9230769276618958, "seconds": 0.07226828500006377}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',20,1,'{"epoch": 20, "loss": 0.6325711751425708, "accuracy": 0.6296296296296297, "val_loss": 0.2445867955684662, "val_accuracy": 0.9230769276618958, "seconds": 0.08608717200002047}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',21,1,'{"epoch": 21, "loss": 0.5600152987020987, "accuracy": 0.7777777777777778, "val_loss": 0.23358935117721558, "val_accuracy": 0.9230769276618958, "seconds": 0.07295983200003775}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',22,1,'{"epoch": 22, "loss": 0.7225733333163791, "accuracy": 0.5555555555555556, "val_loss": 0.22535696625709534, "val_accuracy": 0.9230769276618958, "seconds": 0.08152159099995515}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',23,1,'{"epoch": 23, "loss": 0.4521825721970311, "accuracy": 0.8148148148148148, "val_loss": 0.2357436716556549, "val_accuracy": 0.9230769276618958, "seconds": 0.08368431499991402}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',24,1,'{"epoch": 24, "loss": 0.5623552986869106, "accuracy": 0.7407407407407407, "val_loss": 0.24027229845523834, "val_accuracy": 0.9230769276618958, "seconds": 0.07370872900003178}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',25,1,'{"epoch": 25, "loss": 0.6976430239500823, "accuracy": 0.5185185185185185, "val_loss": 0.23868465423583984, "val_accuracy": 0.9230769276618958, "seconds": 0.08871139400002903}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',26,1,'{"epoch": 26, "loss": 0.686465632032465, "accuracy": 0.6666666666666666, "val_loss": 0.24084077775478363, "val_accuracy": 0.9230769276618958, "seconds": 0.07654106400002547}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',27,1,'{"epoch": 27, "loss": 0.5178250284106644, "accuracy": 0.7037037037037037, "val_loss": 0.2449178844690323, "val_accuracy": 0.9230769276618958, "seconds": 0.07899133499995514}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',28,1,'{"epoch": 28, "loss": 0.6412555564332891, "accuracy": 0.5185185185185185, "val_loss": 0.25419673323631287, "val_accuracy": 0.9230769276618958, "seconds": 0.08197352599995611}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',29,1,'{"epoch": 29, "loss": 0.5726286106639438, "accuracy": 0.7407407407407407, "val_loss": 0.26070573925971985, "val_accuracy": 0.9230769276618958, "seconds": 0.07465934200001811}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',30,1,'{"epoch": 30, "loss": 0.5477398059986256, "accuracy": 0.7777777777777778, "val_loss": 0.2547758221626282, "val_accuracy": 0.9230769276618958, "seconds": 0.08734415699996134}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',31,1,'{"epoch": 31, "loss": 0.5854224783402903, "accuracy": 0.6666666666666666, "val_loss": 0.24851614236831665, "val_accuracy": 0.9230769276618958, "seconds": 0.0751617549999537}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',32,1,'{"epoch": 32, "loss": 0.658360837786286, "accuracy": 0.5925925925925926, "val_loss": 0.24080875515937805, "val_accuracy": 0.9230769276618958, "seconds": 0.08351407300006031}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',33,1,'{"epoch": 33, "loss": 0.6679817405011919, "accuracy": 0.48148148148148145, "val_loss": 0.23463556170463562, "val_accuracy": 0.9230769276618958, "seconds": 0.07995314400000098}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',34,1,'{"epoch": 34, "loss": 0.5893535713354746, "accuracy": 0.7037037037037037, "val_loss": 0.2370583415031433, "val_accuracy": 0.9230769276618958, "seconds": 0.08016168500000731}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',35,1,'{"epoch": 35, "loss": 0.5966319176885817, "accuracy": 0.6666666666666666, "val_loss": 0.23342405259609222, "val_accuracy": 0.9230769276618958, "seconds": 0.0723979120000422}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',36,1,'{"epoch": 36, "loss": 0.6059152009310546, "accuracy": 0.6666666666666666, "val_loss": 0.23556619882583618, "val_accuracy": 0.9230769276618958, "seconds": 0.08276458799991815}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',37,1,'{"epoch": 37, "loss": 0.549988337137081, "accuracy": 0.7037037037037037, "val_loss": 0.24286328256130219, "val_accuracy": 0.9230769276618958, "seconds": 0.07925025499991989}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',38,1,'{"epoch": 38, "loss": 0.5816506500597354, "accuracy": 0.7037037037037037, "val_loss": 0.25141918659210205, "val_accuracy": 0.9230769276618958, "seconds": 0.0812977130000263}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',39,1,'{"epoch": 39, "loss": 0.5256212806260144, "accuracy": 0.6666666666666666, "val_loss": 0.25506314635276794, "val_accuracy": 0.9230769276618958, "seconds": 0.12153181899998344}');
INSERT INTO "metrics" VALUES('fC2t8w_2dUbW77Uy',40,1,'{"epoch": 40, "loss": 0.6266210189572087, "accuracy": 0.7037037037037037, "val_loss": 0.2476138025522232, "val_accuracy": 0.9230769276618958, "seconds": 0.08362195400002292}');
INSERT INTO "metrics" VALUES('aHZjPan-ncu4cnxh',1,1,'{"epoch": 1, "loss": 0.7979787808877451, "accuracy": 0.33333333554091277, "val_loss": 0.6795976161956787, "val_accuracy": 0.5384615659713745, "seconds": 0.4815701979999858}');
INSERT INTO "metrics" VALUES('aHZjPan-ncu4cnxh',2,1,'{"epoch": 2, "loss": 0.6372380245614935, "accuracy": 0.7777777777777778, "val_loss": 0.5482034087181091, "val_accuracy": 0.5384615659713745, "seconds": 0.06838650899999266}');
INSERT INTO "metrics" VALUES('aHZjPan-ncu4cnxh',3,1,'{"epoch": 3, "loss": 0.5299471859578733, "accuracy": 0.7777777799853572, "val_loss": 0.4179834723472595, "val_accuracy": 1.0, "seconds": 0.06575312899997243}');
INSERT INTO "metrics" VALUES('7HcL87IYk8-sjFLp',1,1,'{"epoch": 1, "loss": 0.5807141650606085, "accuracy": 0.7037037037037037, "val_loss": 0.35411760210990906, "val_accuracy": 1.0, "seconds": 0.5299073139999564}');
INSERT INTO "metrics" VALUES('7HcL87IYk8-sjFLp',2,1,'{"epoch": 2, "loss": 0.35933109400448976, "accuracy": 0.8888888888888888, "val_loss": 0.2316451370716095, "val_accuracy": 1.0, "seconds": 0.08496333599998707}');
INSERT INTO "metrics" VALUES('7HcL87IYk8-sjFLp',3,1,'{"epoch": 3, "loss": 0.2646344270971086, "accuracy": 0.9259259259259259, "val_loss": 0.13258081674575806, "val_accuracy": 1.0, "seconds": 0.09288434500001586}');
INSERT INTO "metrics" VALUES('7HcL87IYk8-sjFLp',4,1,'{"epoch": 4, "loss": 0.17447369973416682, "accuracy": 0.9629629629629629, "val_loss": 0.08835054934024811, "val_accuracy": 1.0, "seconds": 0.09171970399995644}');
CREATE TABLE runs (
	id VARCHAR(16) NOT NULL, 
	submit_key VARCHAR(64) NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	config JSON NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	want VARCHAR(8) NOT NULL, 
	attempt INTEGER NOT NULL, 
	lease FLOAT, 
	pid INTEGER, 
	phase VARCHAR(100) NOT NULL, 
	epoch INTEGER NOT NULL, 
	batch INTEGER NOT NULL, 
	n_batches INTEGER NOT NULL, 
	result JSON, 
	error_kind VARCHAR(16), 
	error TEXT, 
	created FLOAT NOT NULL, 
	started FLOAT, 
	finished FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (submit_key)
);
INSERT INTO "runs" VALUES('fC2t8w_2dUbW77Uy','run 5','a84a40bdae3557130ddc1701329c8fac96240f52cabd562b32dd067c1c81dd60','train','two layers, standardised','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 8], "mode": "gray", "resize": "pad", "resample": "bicubic", "scaling": "standard"}, "network": {"hidden_units": [8, 6], "activation": "relu", "dropout_rate": 0.2, "batch_normalization": true, "l2": 0.0001, "optimizer": "adam", "learning_rate": 0.003, "schedule": "cosine", "batch_size": 2, "epochs": 40, "seed": 3, "early_stopping_patience": 40}, "schema_version": 1}','done','run',1,NULL,10325,'',40,0,14,'{"test": {"split": "test", "n_images": 13, "accuracy": 0.8461538461538461, "loss": 0.28789371252059937, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[6, 1], [1, 5]], "classes": [{"class_name": "dawn", "precision": 0.8571428571428571, "recall": 0.8571428571428571, "f1": 0.8571428571428571, "n_images": 7}, {"class_name": "dusk", "precision": 0.8333333333333334, "recall": 0.8333333333333334, "f1": 0.8333333333333334, "n_images": 6}]}, "best_epoch": 22, "kept_epoch": 22, "cut_batches": 0, "n_threads": 2, "ended_by": "", "n_parameters": 644, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 0.8888888888888888, "validation": 0.9230769230769231, "test": 0.8461538461538461}, "seconds": 4.980108475999714}',NULL,NULL,1.73519868789898300169e+09,1.73519868850698614115e+09,1.73519869764401173592e+09);
INSERT INTO "runs" VALUES('aHZjPan-ncu4cnxh','run 6','792d65ce3686861e6854d07f14372d85ea8a272b0ab197d858fa043eff8438fe','train','','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "sgd", "learning_rate": 0.01, "schedule": "constant", "batch_size": 4, "epochs": 3, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','done','run',1,NULL,10708,'',3,0,0,'{"test": {"split": "test", "n_images": 13, "accuracy": 0.8461538461538461, "loss": 0.4942891299724579, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[7, 0], [2, 4]], "classes": [{"class_name": "dawn", "precision": 0.7777777777777778, "recall": 1.0, "f1": 0.8750000000000001, "n_images": 7}, {"class_name": "dusk", "precision": 1.0, "recall": 0.6666666666666666, "f1": 0.8, "n_images": 6}]}, "best_epoch": 3, "kept_epoch": 3, "cut_batches": 0, "n_threads": 2, "ended_by": "", "n_parameters": 482, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 0.9259259259259259, "validation": 1.0, "test": 0.8461538461538461}, "seconds": 0.6157098359999509}',NULL,NULL,1.7351986976829977035e+09,1.73519869829100084309e+09,1.73519870191399455065e+09);
INSERT INTO "runs" VALUES('7HcL87IYk8-sjFLp','run 7','','train','stopped early','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [6], "activation": "tanh", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "rmsprop", "learning_rate": 0.001, "schedule": "constant", "batch_size": 1, "epochs": 1000, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','stopped','stop',1,NULL,10762,'',4,26,27,'{"test": {"split": "test", "n_images": 13, "accuracy": 0.9230769230769231, "loss": 0.28809553384780884, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[7, 0], [1, 5]], "classes": [{"class_name": "dawn", "precision": 0.875, "recall": 1.0, "f1": 0.9333333333333333, "n_images": 7}, {"class_name": "dusk", "precision": 1.0, "recall": 0.8333333333333334, "f1": 0.9090909090909091, "n_images": 6}]}, "best_epoch": 4, "kept_epoch": null, "cut_batches": 27, "n_threads": 2, "ended_by": "", "n_parameters": 1460, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 1.0, "validation": 1.0, "test": 0.9230769230769231}, "seconds": 0.836951274999933}',NULL,NULL,1.73519870194597983356e+09,1.73519870255599474909e+09,1.73519870644199252123e+09);
INSERT INTO "runs" VALUES('2rJWRzj31LKdebqK','run 9','792d65ce3686861e6854d07f14372d85ea8a272b0ab197d858fa043eff8438fe','train','','{"dataset": "sky", "fingerprint": "00000000000000000000000000000000", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [4], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "adam", "learning_rate": 0.001, "schedule": "constant", "batch_size": 128, "epochs": 2, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','failed','run',1,NULL,10844,'',0,0,0,'null','data','The pictures of ''sky'' have changed since this was filed. Start it again with the data set as it is now.',1.73519870985299801829e+09,1.73519871038399481778e+09,1.73519871039401292803e+09);
INSERT INTO "runs" VALUES('htTMmSlA5dj0Y5kM','run 13','a84a40bdae3557130ddc1701329c8fac96240f52cabd562b32dd067c1c81dd60','train','queued','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [4], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "adam", "learning_rate": 0.01, "schedule": "constant", "batch_size": 4, "epochs": 2, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','queued','run',0,NULL,NULL,'',0,0,0,'null',NULL,NULL,1.73519872203100466731e+09,NULL,NULL);
CREATE INDEX ix_runs_status ON runs (status);
CREATE INDEX ix_events_run ON events (run);
COMMIT;
