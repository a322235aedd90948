-- The billing system of a telephone company: accounts, their customers and subscribers, services, bills and charges.
-- For MariaDB 10.6 or later and MySQL 8.0 or later. Run inside an empty schema, for example: mariadb billing < schema.sql
-- Secondary indexes and foreign keys stand at the end: an empty table fills twice as fast without them.

CREATE TABLE billing_account (
  ban                INT UNSIGNED   NOT NULL,
  account_type       CHAR(1)        NOT NULL,
  account_sub_type   VARCHAR(8)     NOT NULL,
  ban_status         CHAR(1)        NOT NULL,
  start_service_date DATE           NOT NULL,
  credit_class       CHAR(1)        NULL,
  currency           CHAR(3)        NOT NULL,
  balance            DECIMAL(12,2)  NOT NULL,
  notes              VARCHAR(500)   NULL,
  sys_creation_date  DATETIME(6)    NOT NULL,
  sys_update_date    DATETIME(6)    NULL,
  PRIMARY KEY (ban)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE customer (
  ban                INT UNSIGNED   NOT NULL,
  customer_id        INT UNSIGNED   NOT NULL,
  first_name         VARCHAR(60)    NULL,
  last_name_business VARCHAR(120)   NOT NULL,
  email              VARCHAR(190)   NULL,
  birth_date         DATE           NULL,
  language           CHAR(2)        NOT NULL,
  contact_phone      VARCHAR(32)    NULL,
  address            VARCHAR(250)   NULL,
  sys_creation_date  DATETIME(6)    NOT NULL,
  sys_update_date    DATETIME(6)    NULL,
  PRIMARY KEY (ban)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE subscriber (
  subscriber_no        BIGINT UNSIGNED NOT NULL,
  ban                  INT UNSIGNED    NOT NULL,
  sub_status           CHAR(1)         NOT NULL,
  product_type         VARCHAR(8)      NOT NULL,
  init_activation_date DATETIME        NOT NULL,
  sim_number           VARCHAR(22)     NULL,
  nickname             VARCHAR(60)     NULL,
  roaming              TINYINT(1)      NOT NULL,
  sys_creation_date    DATETIME(6)     NOT NULL,
  sys_update_date      DATETIME(6)     NULL,
  PRIMARY KEY (subscriber_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Text columns that are part of a key compare byte by byte, as DynamoDB compares keys.
CREATE TABLE service_agreement (
  subscriber_no      BIGINT UNSIGNED NOT NULL,
  soc                CHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  ban                INT UNSIGNED    NOT NULL,
  soc_seq_no         INT UNSIGNED    NOT NULL,
  effective_date     DATE            NOT NULL,
  expiration_date    DATE            NULL,
  rate               DECIMAL(10,4)   NOT NULL,
  sys_creation_date  DATETIME(6)     NOT NULL,
  sys_update_date    DATETIME(6)     NULL,
  PRIMARY KEY (subscriber_no, soc)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE bill (
  ban                INT UNSIGNED      NOT NULL,
  bill_seq_number    INT UNSIGNED      NOT NULL,
  cycle_code         SMALLINT UNSIGNED NOT NULL,
  cycle_close_date   DATE              NOT NULL,
  due_date           DATE              NOT NULL,
  total_due          DECIMAL(12,2)     NOT NULL,
  status             ENUM('open', 'paid', 'overdue', 'written-off') NOT NULL,
  sys_creation_date  DATETIME(6)       NOT NULL,
  sys_update_date    DATETIME(6)       NULL,
  PRIMARY KEY (ban, bill_seq_number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A negative amount is a credit.
CREATE TABLE charge (
  charge_seq           BIGINT UNSIGNED NOT NULL,
  activity_num         INT UNSIGNED    NOT NULL,
  ban                  INT UNSIGNED    NOT NULL,
  subscriber_no        BIGINT UNSIGNED NOT NULL,
  feature_code         CHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  actv_amt             DECIMAL(14,4)   NOT NULL,
  tax_amt              DECIMAL(14,4)   NULL,
  charge_creation_date DATETIME        NOT NULL,
  description          VARCHAR(200)    NULL,
  sys_creation_date    DATETIME(6)     NOT NULL,
  sys_update_date      DATETIME(6)     NULL,
  PRIMARY KEY (charge_seq, activity_num)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE customer
  ADD UNIQUE KEY customer_id (customer_id),
  ADD CONSTRAINT customer_account FOREIGN KEY (ban) REFERENCES billing_account (ban);

ALTER TABLE subscriber
  ADD KEY subscriber_account (ban),
  ADD CONSTRAINT subscriber_account FOREIGN KEY (ban) REFERENCES billing_account (ban);

ALTER TABLE service_agreement
  ADD KEY agreement_account (ban),
  ADD CONSTRAINT agreement_subscriber FOREIGN KEY (subscriber_no) REFERENCES subscriber (subscriber_no),
  ADD CONSTRAINT agreement_account FOREIGN KEY (ban) REFERENCES billing_account (ban);

ALTER TABLE bill
  ADD CONSTRAINT bill_account FOREIGN KEY (ban) REFERENCES billing_account (ban);

ALTER TABLE charge
  ADD KEY charge_account (ban),
  ADD KEY charge_subscriber (subscriber_no),
  ADD CONSTRAINT charge_account FOREIGN KEY (ban) REFERENCES billing_account (ban),
  ADD CONSTRAINT charge_subscriber FOREIGN KEY (subscriber_no) REFERENCES subscriber (subscriber_no);
