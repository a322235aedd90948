-- The zoo: every column type of MySQL and MariaDB at its extremes, every kind of key, and tables that act on each other.
-- For MariaDB 10.6 or later and MySQL 8.0.23 or later. Run inside an empty schema, with zero dates allowed, and a client that sends one
-- statement at a time: mariadb --init-command="SET SESSION sql_mode = ''" zoo < schema.sql
-- Foreign keys and triggers stand at the end: they would act on the rows that the tables are filled with.

-- Types -------------------------------------------------------------------------------------------------------------------------------

CREATE TABLE whole_number (
  id         INT UNSIGNED NOT NULL,
  tiny       TINYINT NULL,
  tiny_u     TINYINT UNSIGNED NULL,
  flag       TINYINT(1) NULL,
  small      SMALLINT NULL,
  small_u    SMALLINT UNSIGNED NULL,
  medium     MEDIUMINT NULL,
  medium_u   MEDIUMINT UNSIGNED NULL,
  regular    INT NULL,
  regular_u  INT UNSIGNED NULL,
  big        BIGINT NULL,
  big_u      BIGINT UNSIGNED NULL,
  padded     INT(8) UNSIGNED ZEROFILL NULL,
  padded_big BIGINT(20) UNSIGNED ZEROFILL NULL,
  born       YEAR NULL,
  bit_1      BIT(1) NULL,
  bit_9      BIT(9) NULL,
  bit_64     BIT(64) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE real_number (
  id         INT UNSIGNED NOT NULL,
  widest     DECIMAL(65,30) NULL,
  whole      DECIMAL(65,0) NULL,
  tail       DECIMAL(30,30) NULL,
  longest    DECIMAL(38,10) NULL,
  price      DECIMAL(12,4) UNSIGNED NULL,
  padded     DECIMAL(10,2) ZEROFILL NULL,
  weight     FLOAT NULL,
  weight_u   FLOAT UNSIGNED NULL,
  rounded    FLOAT(9,3) NULL,
  ratio      DOUBLE NULL,
  any_double DOUBLE NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE moment (
  id  INT UNSIGNED NOT NULL,
  day DATE NULL,
  d0  DATETIME NULL,
  d1  DATETIME(1) NULL,
  d2  DATETIME(2) NULL,
  d3  DATETIME(3) NULL,
  d4  DATETIME(4) NULL,
  d5  DATETIME(5) NULL,
  d6  DATETIME(6) NULL,
  s0  TIMESTAMP NULL,
  s1  TIMESTAMP(1) NULL,
  s2  TIMESTAMP(2) NULL,
  s3  TIMESTAMP(3) NULL,
  s4  TIMESTAMP(4) NULL,
  s5  TIMESTAMP(5) NULL,
  s6  TIMESTAMP(6) NULL,
  t0  TIME NULL,
  t1  TIME(1) NULL,
  t2  TIME(2) NULL,
  t3  TIME(3) NULL,
  t4  TIME(4) NULL,
  t5  TIME(5) NULL,
  t6  TIME(6) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Dates that no calendar has.
CREATE TABLE zero_date (
  id           INT UNSIGNED NOT NULL,
  day          DATE NOT NULL,
  moment       DATETIME(3) NOT NULL,
  stamp        TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00',
  maybe_day    DATE NULL,
  maybe_moment DATETIME NULL,
  maybe_stamp  TIMESTAMP(6) NULL DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE text_value (
  id       INT UNSIGNED NOT NULL,
  fixed    CHAR(12) NULL,
  varied   VARCHAR(600) NULL,
  required VARCHAR(600) NOT NULL,
  tiny     TINYTEXT NULL,
  regular  TEXT NULL,
  medium   MEDIUMTEXT NULL,
  long_one LONGTEXT NULL,
  mood     ENUM('calm', 'wild', 'it''s', 'a,b', 'say "hi"', ' leading', 'ünïcode', 'NULL', '') NULL,
  habits   SET('sleeps', 'plays', 'it''s', '"eats"', 'ünïcode') NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE binary_value (
  id       INT UNSIGNED NOT NULL,
  fixed    BINARY(8) NULL,
  varied   VARBINARY(300) NULL,
  required VARBINARY(300) NOT NULL,
  tiny     TINYBLOB NULL,
  regular  BLOB NULL,
  medium   MEDIUMBLOB NULL,
  long_one LONGBLOB NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- JSON is a type of MySQL, and LONGTEXT with a check for MariaDB.
CREATE TABLE document (
  id     INT UNSIGNED NOT NULL,
  body   JSON NULL,
  common JSON NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE place (
  id       INT UNSIGNED NOT NULL,
  name     VARCHAR(60) NOT NULL,
  anything GEOMETRY NULL,
  spot     POINT NULL,
  path     LINESTRING NULL,
  area     POLYGON NULL,
  spots    MULTIPOINT NULL,
  paths    MULTILINESTRING NULL,
  areas    MULTIPOLYGON NULL,
  mixed    GEOMETRYCOLLECTION NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE latin (
  code    VARCHAR(20) COLLATE latin1_bin NOT NULL,
  fixed   CHAR(20) NULL,
  varied  VARCHAR(200) NULL,
  regular TEXT NULL,
  PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARSET=latin1;

CREATE TABLE wide (
  id      INT UNSIGNED NOT NULL,
  fixed   CHAR(20) NULL,
  varied  VARCHAR(200) NULL,
  regular TEXT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf16;

-- Generated columns stand between others, so that whoever counts columns counts wrong; the last but one is invisible.
CREATE TABLE derived (
  id      INT UNSIGNED NOT NULL,
  amount  INT NULL,
  doubled BIGINT AS (amount * 2) VIRTUAL,
  label   VARCHAR(40) NULL,
  joined  VARCHAR(80) AS (CONCAT(label, '-', amount)) STORED,
  hidden  INT NULL DEFAULT 7 INVISIBLE,
  ending  VARCHAR(40) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Keys --------------------------------------------------------------------------------------------------------------------------------

CREATE TABLE composite_key (
  region INT NOT NULL,
  code   VARCHAR(12) COLLATE utf8mb4_bin NOT NULL,
  day    DATE NOT NULL,
  serial BIGINT UNSIGNED NOT NULL,
  note   VARCHAR(60) NULL,
  amount DECIMAL(10,2) NULL,
  PRIMARY KEY (serial, region, code, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE string_key (
  name VARCHAR(80) COLLATE utf8mb4_bin NOT NULL,
  note VARCHAR(60) NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE binary_key (
  token BINARY(16) NOT NULL,
  part  VARBINARY(8) NOT NULL,
  note  VARCHAR(60) NULL,
  PRIMARY KEY (token, part)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Keys that differ in case or in most accents are one key here.
CREATE TABLE folded_key (
  code VARCHAR(40) COLLATE utf8mb4_general_ci NOT NULL,
  note VARCHAR(60) NULL,
  PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Its references are spelled in another case than the keys that they mean.
CREATE TABLE folded_child (
  id   INT UNSIGNED NOT NULL,
  code VARCHAR(40) COLLATE utf8mb4_general_ci NULL,
  note VARCHAR(60) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Rows that nothing tells apart, some of them twice. The contract cannot take this table: items need a key.
CREATE TABLE no_key (
  amount INT NULL,
  note   VARCHAR(60) NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Never has a row.
CREATE TABLE vacant (
  id   INT UNSIGNED NOT NULL,
  note VARCHAR(60) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Relations ---------------------------------------------------------------------------------------------------------------------------

-- A tree.
CREATE TABLE taxon (
  id        INT UNSIGNED NOT NULL,
  parent_id INT UNSIGNED NULL,
  name      VARCHAR(60) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE keeper (
  id    INT UNSIGNED NOT NULL,
  name  VARCHAR(60) NOT NULL,
  since DATE NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE animal (
  id        INT UNSIGNED NOT NULL,
  keeper_id INT UNSIGNED NULL,
  taxon_id  INT UNSIGNED NULL,
  name      VARCHAR(60) NOT NULL,
  weight    DECIMAL(9,3) NULL,
  seen      DATETIME(6) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Many keepers care for many animals.
CREATE TABLE care (
  keeper_id INT UNSIGNED NOT NULL,
  animal_id INT UNSIGNED NOT NULL,
  duty      ENUM('feeds', 'cleans', 'watches') NOT NULL,
  PRIMARY KEY (keeper_id, animal_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Written by the triggers of animal.
CREATE TABLE journal (
  id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  action    ENUM('insert', 'update', 'delete') NOT NULL,
  animal_id INT UNSIGNED NOT NULL,
  old_name  VARCHAR(60) NULL,
  new_name  VARCHAR(60) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE folded_child
  ADD KEY child_code (code),
  ADD CONSTRAINT child_code FOREIGN KEY (code) REFERENCES folded_key (code) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE taxon
  ADD KEY taxon_parent (parent_id),
  ADD CONSTRAINT taxon_parent FOREIGN KEY (parent_id) REFERENCES taxon (id) ON DELETE CASCADE;

ALTER TABLE animal
  ADD KEY animal_keeper (keeper_id),
  ADD KEY animal_taxon (taxon_id),
  ADD CONSTRAINT animal_keeper FOREIGN KEY (keeper_id) REFERENCES keeper (id) ON DELETE SET NULL ON UPDATE CASCADE,
  ADD CONSTRAINT animal_taxon FOREIGN KEY (taxon_id) REFERENCES taxon (id) ON DELETE SET NULL;

ALTER TABLE care
  ADD KEY care_animal (animal_id),
  ADD CONSTRAINT care_keeper FOREIGN KEY (keeper_id) REFERENCES keeper (id) ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT care_animal FOREIGN KEY (animal_id) REFERENCES animal (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- What a cascade changes fires no trigger.
CREATE TRIGGER animal_inserted AFTER INSERT ON animal FOR EACH ROW
  INSERT INTO journal (action, animal_id, new_name) VALUES ('insert', NEW.id, NEW.name);

CREATE TRIGGER animal_updated AFTER UPDATE ON animal FOR EACH ROW
  INSERT INTO journal (action, animal_id, old_name, new_name) VALUES ('update', NEW.id, OLD.name, NEW.name);

CREATE TRIGGER animal_deleted AFTER DELETE ON animal FOR EACH ROW
  INSERT INTO journal (action, animal_id, old_name) VALUES ('delete', OLD.id, OLD.name);
