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
INSERT INTO "events" VALUES(21,'keplIfgMwh826Rwd',1.73519944344801306732e+09,0,'queued','');
INSERT INTO "events" VALUES(22,'keplIfgMwh826Rwd',1.73519944345300197599e+09,1,'claimed','');
INSERT INTO "events" VALUES(23,'keplIfgMwh826Rwd',1.73519944416299605376e+09,1,'started','');
INSERT INTO "events" VALUES(24,'keplIfgMwh826Rwd',1.73519945484099102016e+09,1,'done','');
INSERT INTO "events" VALUES(25,'OapWtrLv2PiF83CC',1.7351994548609867096e+09,0,'queued','');
INSERT INTO "events" VALUES(26,'OapWtrLv2PiF83CC',1.7351994548710048199e+09,1,'claimed','');
INSERT INTO "events" VALUES(27,'OapWtrLv2PiF83CC',1.73519945548600864411e+09,1,'started','');
INSERT INTO "events" VALUES(28,'OapWtrLv2PiF83CC',1.73519945984100389482e+09,1,'done','');
INSERT INTO "events" VALUES(29,'ShkZWHM_aImFefGB',1.73519945986401748659e+09,0,'queued','');
INSERT INTO "events" VALUES(30,'ShkZWHM_aImFefGB',1.73519945987101793282e+09,1,'claimed','');
INSERT INTO "events" VALUES(31,'ShkZWHM_aImFefGB',1.73519946042599391934e+09,1,'started','');
INSERT INTO "events" VALUES(32,'ShkZWHM_aImFefGB',1.73519946398598241812e+09,1,'stopped','');
INSERT INTO "events" VALUES(37,'8Grhhxd8TGszS_KE',1.73519946838000416753e+09,0,'queued','');
INSERT INTO "events" VALUES(38,'8Grhhxd8TGszS_KE',1.73519946838398718838e+09,1,'claimed','');
INSERT INTO "events" VALUES(39,'8Grhhxd8TGszS_KE',1.73519946944799280169e+09,1,'started','');
INSERT INTO "events" VALUES(40,'8Grhhxd8TGszS_KE',1.73519946946798849104e+09,1,'failed','The pictures of ''sky'' have changed since this was filed. Start it again with the data set as it is now.');
INSERT INTO "events" VALUES(53,'fAt9SmAzWuvUSagF',1.73519951374998545644e+09,0,'queued','');
CREATE TABLE metrics (
	run VARCHAR(16) NOT NULL, 
	epoch INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	metrics JSON NOT NULL, 
	PRIMARY KEY (run, epoch), 
	FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',1,1,'{"epoch": 1, "loss": 0.7139819463094076, "accuracy": 0.5185185372829437, "val_loss": 0.511604905128479, "val_accuracy": 0.7692307829856873, "seconds": 1.772201146000043}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',2,1,'{"epoch": 2, "loss": 0.5830979545911154, "accuracy": 0.7037037114302317, "val_loss": 0.4362265467643738, "val_accuracy": 0.9230769276618958, "seconds": 0.09557963099996414}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',3,1,'{"epoch": 3, "loss": 0.42575869957606, "accuracy": 0.8518518606821696, "val_loss": 0.395673006772995, "val_accuracy": 0.9230769276618958, "seconds": 0.10490132399991126}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',4,1,'{"epoch": 4, "loss": 0.4344028830528259, "accuracy": 0.8888888955116272, "val_loss": 0.3657234013080597, "val_accuracy": 0.9230769276618958, "seconds": 0.39189772400004586}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',5,1,'{"epoch": 5, "loss": 0.47470677892367047, "accuracy": 0.7037037213643392, "val_loss": 0.3442845642566681, "val_accuracy": 0.9230769276618958, "seconds": 0.09224680900001658}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',6,1,'{"epoch": 6, "loss": 0.3880750238895416, "accuracy": 0.9259259303410848, "val_loss": 0.32756754755973816, "val_accuracy": 0.9230769276618958, "seconds": 0.06283337800005029}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',7,1,'{"epoch": 7, "loss": 0.3410005172093709, "accuracy": 0.9629629651705424, "val_loss": 0.31027907133102417, "val_accuracy": 0.9230769276618958, "seconds": 0.0650497550000182}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',8,1,'{"epoch": 8, "loss": 0.37357616424560547, "accuracy": 0.9259259303410848, "val_loss": 0.29375356435775757, "val_accuracy": 0.9230769276618958, "seconds": 0.06460459599998103}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',9,1,'{"epoch": 9, "loss": 0.35425639152526855, "accuracy": 0.8518518606821696, "val_loss": 0.2806432545185089, "val_accuracy": 0.9230769276618958, "seconds": 0.0958585559999392}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',10,1,'{"epoch": 10, "loss": 0.3593653043111165, "accuracy": 0.8888888955116272, "val_loss": 0.2666266858577728, "val_accuracy": 0.9230769276618958, "seconds": 0.10024111699999594}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',11,1,'{"epoch": 11, "loss": 0.290388951698939, "accuracy": 1.0, "val_loss": 0.2536945044994354, "val_accuracy": 1.0, "seconds": 0.057594282000081876}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',12,1,'{"epoch": 12, "loss": 0.33451956510543823, "accuracy": 0.8888888955116272, "val_loss": 0.2387031465768814, "val_accuracy": 1.0, "seconds": 0.1200813160000962}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',13,1,'{"epoch": 13, "loss": 0.25368569791316986, "accuracy": 1.0, "val_loss": 0.224175825715065, "val_accuracy": 1.0, "seconds": 0.11596675700002379}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',14,1,'{"epoch": 14, "loss": 0.23314790427684784, "accuracy": 1.0, "val_loss": 0.20960752665996552, "val_accuracy": 1.0, "seconds": 0.11447425899996233}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',15,1,'{"epoch": 15, "loss": 0.40611977378527325, "accuracy": 0.814814825852712, "val_loss": 0.1950709968805313, "val_accuracy": 1.0, "seconds": 0.0925538520000373}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',16,1,'{"epoch": 16, "loss": 0.24407980839411417, "accuracy": 1.0, "val_loss": 0.18382658064365387, "val_accuracy": 1.0, "seconds": 0.08822218500017698}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',17,1,'{"epoch": 17, "loss": 0.3227789004643758, "accuracy": 0.9629629651705424, "val_loss": 0.17141517996788025, "val_accuracy": 1.0, "seconds": 0.0797641859999203}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',18,1,'{"epoch": 18, "loss": 0.25893017649650574, "accuracy": 1.0, "val_loss": 0.1600218415260315, "val_accuracy": 1.0, "seconds": 0.0626926929999172}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',19,1,'{"epoch": 19, "loss": 0.233339195450147, "accuracy": 0.9259259303410848, "val_loss": 0.1503922939300537, "val_accuracy": 1.0, "seconds": 0.06741311400014638}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',20,1,'{"epoch": 20, "loss": 0.2501025249560674, "accuracy": 0.9629629651705424, "val_loss": 0.1426679491996765, "val_accuracy": 1.0, "seconds": 0.0702183949999835}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',21,1,'{"epoch": 21, "loss": 0.31904202202955884, "accuracy": 0.9259259303410848, "val_loss": 0.1367053985595703, "val_accuracy": 1.0, "seconds": 0.06528138800013039}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',22,1,'{"epoch": 22, "loss": 0.24522452056407928, "accuracy": 0.9259259303410848, "val_loss": 0.13162951171398163, "val_accuracy": 1.0, "seconds": 0.10285973699978967}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',23,1,'{"epoch": 23, "loss": 0.17360071341196695, "accuracy": 1.0, "val_loss": 0.1277129054069519, "val_accuracy": 1.0, "seconds": 0.08904908499994235}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',24,1,'{"epoch": 24, "loss": 0.2984094073375066, "accuracy": 0.8888888955116272, "val_loss": 0.12276937067508698, "val_accuracy": 1.0, "seconds": 0.09618107400001463}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',25,1,'{"epoch": 25, "loss": 0.28648239374160767, "accuracy": 0.9629629651705424, "val_loss": 0.11852656304836273, "val_accuracy": 1.0, "seconds": 0.09716871699993135}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',26,1,'{"epoch": 26, "loss": 0.2577861547470093, "accuracy": 0.9259259303410848, "val_loss": 0.11492989957332611, "val_accuracy": 1.0, "seconds": 0.0654836809999324}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',27,1,'{"epoch": 27, "loss": 0.18227471907933554, "accuracy": 1.0, "val_loss": 0.11275487393140793, "val_accuracy": 1.0, "seconds": 0.14406096199991225}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',28,1,'{"epoch": 28, "loss": 0.17203706751267114, "accuracy": 1.0, "val_loss": 0.1107395738363266, "val_accuracy": 1.0, "seconds": 0.13859741800001757}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',29,1,'{"epoch": 29, "loss": 0.2046841780344645, "accuracy": 0.9629629651705424, "val_loss": 0.10891930758953094, "val_accuracy": 1.0, "seconds": 0.11512544099991828}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',30,1,'{"epoch": 30, "loss": 0.25240706900755566, "accuracy": 0.9629629651705424, "val_loss": 0.10733955353498459, "val_accuracy": 1.0, "seconds": 0.09843846499984465}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',31,1,'{"epoch": 31, "loss": 0.14972266058127084, "accuracy": 1.0, "val_loss": 0.1062210351228714, "val_accuracy": 1.0, "seconds": 0.11211294899999302}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',32,1,'{"epoch": 32, "loss": 0.13294538607199988, "accuracy": 1.0, "val_loss": 0.1056554988026619, "val_accuracy": 1.0, "seconds": 0.09507900300013716}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',33,1,'{"epoch": 33, "loss": 0.18363206585248312, "accuracy": 1.0, "val_loss": 0.1052575409412384, "val_accuracy": 1.0, "seconds": 0.09332454400009738}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',34,1,'{"epoch": 34, "loss": 0.17351871728897095, "accuracy": 0.9629629651705424, "val_loss": 0.1048278659582138, "val_accuracy": 1.0, "seconds": 0.13611500999991222}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',35,1,'{"epoch": 35, "loss": 0.12720776597658792, "accuracy": 1.0, "val_loss": 0.10493975132703781, "val_accuracy": 1.0, "seconds": 0.10898930300004395}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',36,1,'{"epoch": 36, "loss": 0.2205213407675425, "accuracy": 1.0, "val_loss": 0.10504507273435593, "val_accuracy": 1.0, "seconds": 0.0574872540000797}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',37,1,'{"epoch": 37, "loss": 0.1823065976301829, "accuracy": 1.0, "val_loss": 0.10540410876274109, "val_accuracy": 1.0, "seconds": 0.1366031689999545}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',38,1,'{"epoch": 38, "loss": 0.19310479859511057, "accuracy": 1.0, "val_loss": 0.10565651953220367, "val_accuracy": 1.0, "seconds": 0.1742800229999375}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',39,1,'{"epoch": 39, "loss": 0.204532062013944, "accuracy": 1.0, "val_loss": 0.10617794096469879, "val_accuracy": 1.0, "seconds": 0.0953885880001053}');
INSERT INTO "metrics" VALUES('keplIfgMwh826Rwd',40,1,'{"epoch": 40, "loss": 0.1612827256321907, "accuracy": 0.9629629651705424, "val_loss": 0.10690616816282272, "val_accuracy": 1.0, "seconds": 0.10210956999981136}');
INSERT INTO "metrics" VALUES('OapWtrLv2PiF83CC',1,1,'{"epoch": 1, "loss": 0.7979787808877451, "accuracy": 0.33333333554091277, "val_loss": 0.6795976161956787, "val_accuracy": 0.5384615659713745, "seconds": 0.47242578800000956}');
INSERT INTO "metrics" VALUES('OapWtrLv2PiF83CC',2,1,'{"epoch": 2, "loss": 0.6372380245614935, "accuracy": 0.7777777777777778, "val_loss": 0.5482034087181091, "val_accuracy": 0.5384615659713745, "seconds": 0.0695805279999604}');
INSERT INTO "metrics" VALUES('OapWtrLv2PiF83CC',3,1,'{"epoch": 3, "loss": 0.5299471859578733, "accuracy": 0.7777777799853572, "val_loss": 0.4179834723472595, "val_accuracy": 1.0, "seconds": 0.06565452900008495}');
INSERT INTO "metrics" VALUES('ShkZWHM_aImFefGB',1,1,'{"epoch": 1, "loss": 0.5807141650606085, "accuracy": 0.7037037037037037, "val_loss": 0.35411760210990906, "val_accuracy": 1.0, "seconds": 0.4934569700001248}');
INSERT INTO "metrics" VALUES('ShkZWHM_aImFefGB',2,1,'{"epoch": 2, "loss": 0.35933109400448976, "accuracy": 0.8888888888888888, "val_loss": 0.2316451370716095, "val_accuracy": 1.0, "seconds": 0.08792211500008307}');
INSERT INTO "metrics" VALUES('ShkZWHM_aImFefGB',3,1,'{"epoch": 3, "loss": 0.2646344270971086, "accuracy": 0.9259259259259259, "val_loss": 0.13258081674575806, "val_accuracy": 1.0, "seconds": 0.08256995700003245}');
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
INSERT INTO "runs" VALUES('keplIfgMwh826Rwd','run 5','a84a40bdae3557130ddc1701329c8fac96240f52cabd562b32dd067c1c81dd60','train','two layers, standardised','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 8], "mode": "gray", "resize": "pad", "resample": "bicubic", "scaling": "standard"}, "network": {"hidden_units": [8, 6], "activation": "tanh", "dropout_rate": 0.2, "batch_normalization": true, "l2": 0.0001, "optimizer": "adam", "learning_rate": 0.003, "schedule": "cosine", "batch_size": 9, "epochs": 40, "seed": 3, "early_stopping_patience": 40}, "schema_version": 1}','done','run',1,NULL,482,'',40,0,3,'{"test": {"split": "test", "n_images": 13, "accuracy": 0.9230769230769231, "loss": 0.24241545796394348, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[7, 0], [1, 5]], "classes": [{"class_name": "dawn", "precision": 0.875, "recall": 1.0, "f1": 0.9333333333333333, "n_images": 7}, {"class_name": "dusk", "precision": 1.0, "recall": 0.8333333333333334, "f1": 0.9090909090909091, "n_images": 6}]}, "best_epoch": 34, "kept_epoch": 34, "cut_batches": 0, "n_threads": 2, "ended_by": "", "n_parameters": 644, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 1.0, "validation": 1.0, "test": 0.9230769230769231}, "seconds": 5.838130455999817}',NULL,NULL,1.73519944344700717923e+09,1.73519944416199016568e+09,1.73519945483998513221e+09);
INSERT INTO "runs" VALUES('OapWtrLv2PiF83CC','run 6','792d65ce3686861e6854d07f14372d85ea8a272b0ab197d858fa043eff8438fe','train','','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "sgd", "learning_rate": 0.01, "schedule": "constant", "batch_size": 4, "epochs": 3, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','done','run',1,NULL,848,'',3,0,7,'{"test": {"split": "test", "n_images": 13, "accuracy": 0.8461538461538461, "loss": 0.4942891299724579, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[7, 0], [2, 4]], "classes": [{"class_name": "dawn", "precision": 0.7777777777777778, "recall": 1.0, "f1": 0.8750000000000001, "n_images": 7}, {"class_name": "dusk", "precision": 1.0, "recall": 0.6666666666666666, "f1": 0.8, "n_images": 6}]}, "best_epoch": 3, "kept_epoch": 3, "cut_batches": 0, "n_threads": 2, "ended_by": "", "n_parameters": 482, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 0.9259259259259259, "validation": 1.0, "test": 0.8461538461538461}, "seconds": 0.6076608450000549}',NULL,NULL,1.7351994548609867096e+09,1.73519945548500275616e+09,1.73519945984100389482e+09);
INSERT INTO "runs" VALUES('ShkZWHM_aImFefGB','run 7','','train','stopped early','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [6], "activation": "tanh", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "rmsprop", "learning_rate": 0.001, "schedule": "constant", "batch_size": 1, "epochs": 1000, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','stopped','stop',1,NULL,919,'',3,27,27,'{"test": {"split": "test", "n_images": 13, "accuracy": 0.9230769230769231, "loss": 0.27845948934555054, "majority": 0.5384615384615384, "class_names": ["dawn", "dusk"], "confusion": [[7, 0], [1, 5]], "classes": [{"class_name": "dawn", "precision": 0.875, "recall": 1.0, "f1": 0.9333333333333333, "n_images": 7}, {"class_name": "dusk", "precision": 1.0, "recall": 0.8333333333333334, "f1": 0.9090909090909091, "n_images": 6}]}, "best_epoch": 3, "kept_epoch": null, "cut_batches": 1, "n_threads": 2, "ended_by": "", "n_parameters": 1460, "n_images": {"train": 27, "validation": 13, "test": 13}, "n_skipped": 0, "accuracy": {"train": 0.9629629629629629, "validation": 1.0, "test": 0.9230769230769231}, "seconds": 0.6660643720001644}',NULL,NULL,1.73519945986401748659e+09,1.73519946042599391934e+09,1.73519946398501682277e+09);
INSERT INTO "runs" VALUES('8Grhhxd8TGszS_KE','run 9','792d65ce3686861e6854d07f14372d85ea8a272b0ab197d858fa043eff8438fe','train','','{"dataset": "sky", "fingerprint": "00000000000000000000000000000000", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [4], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "adam", "learning_rate": 0.001, "schedule": "constant", "batch_size": 128, "epochs": 2, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','failed','run',1,NULL,1187,'',0,0,0,'null','data','The pictures of ''sky'' have changed since this was filed. Start it again with the data set as it is now.',1.73519946838000416753e+09,1.73519946944698691369e+09,1.73519946946698284148e+09);
INSERT INTO "runs" VALUES('fAt9SmAzWuvUSagF','run 13','a84a40bdae3557130ddc1701329c8fac96240f52cabd562b32dd067c1c81dd60','train','queued','{"dataset": "sky", "fingerprint": "bfdacac14080f583d101d2540345799a", "preprocess": {"image_size": [8, 10], "mode": "rgb", "resize": "crop", "resample": "box", "scaling": "unit"}, "network": {"hidden_units": [4], "activation": "relu", "dropout_rate": 0.0, "batch_normalization": false, "l2": 0.0, "optimizer": "adam", "learning_rate": 0.01, "schedule": "constant", "batch_size": 4, "epochs": 2, "seed": 0, "early_stopping_patience": 0}, "schema_version": 1}','queued','run',0,NULL,NULL,'',0,0,0,'null',NULL,NULL,1.73519951374998545644e+09,NULL,NULL);
CREATE INDEX ix_runs_status ON runs (status);
CREATE INDEX ix_events_run ON events (run);
COMMIT;
