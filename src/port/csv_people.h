/* port/csv_people.h - people out of tables, as address books and spreadsheets export them: Google Contacts, Outlook,
 * Thunderbird, fonder's own, and any table whose first row names its columns.
 * Shapes  one VcardPerson per row that names somebody, in the order of the table, as port/vcard.h says it; one
 *         VcardProblem for each thing that could not be read. A row is lost when it holds nothing to call a person by.
 *         Columns that nobody here knows are counted in left_out.other where they hold something.
 *         A day written 4/12/1985 is read day first or month first as the table as a whole tells; where it does not
 *         tell, the day is left out and named.
 * Units   lines count from 1.
 * Errors  ERR_INVALID when the first row names no column that people are known by; ERR_DAMAGED and ERR_LIMIT as
 *         port/csv.h; ERR_LIMIT past VCARD_CARDS_MAX rows; ERR_NOMEM.
 * Memory  results in cx->arena; text borrows from the input where it can.
 * Thread  pure.
 * Source  the columns as those programs write them in English (Google Contacts, both forms; Outlook 2016;
 *         Thunderbird 102). */
#ifndef PORT_CSV_PEOPLE_H
#define PORT_CSV_PEOPLE_H

#include "port/vcard.h"

MUST_CHECK Err csv_people_read(Cx *cx, Str bytes, VcardFile *ret);

#endif
