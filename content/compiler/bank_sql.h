/* bank_sql: db/bank.sql, embedded at build time. */
#ifndef COMPILER_BANK_SQL_H
#define COMPILER_BANK_SQL_H

extern const char bank_sql[];

#endif
