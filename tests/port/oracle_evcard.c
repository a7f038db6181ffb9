/* tests/port/oracle_evcard.c - what EVCard (Evolution's library) understands of a contacts file, for
 * test_vcard_oracle.c to compare with. Prints a line for each thing: "card", then "name", "n" (five
 * parts), "bday" (year month day), "mail" and "tel", values with backslash, tab and newline escaped.
 * A helper of the tests: it is not part of the program and uses none of it. */
#include <libebook-contacts/libebook-contacts.h>
#include <stdio.h>
#include <string.h>

static void put(const char *s)
{
    for (; *s; s++) {
        if (*s == '\n')
            fputs("\\n", stdout);
        else if (*s == '\t')
            fputs("\\t", stdout);
        else if (*s == '\\')
            fputs("\\\\", stdout);
        else if (*s != '\r')
            putchar(*s);
    }
}

/* EVCard cuts every value at ';' (and some at ','); what is one value to the standard is put together. */
static void put_values(const char *what, EVCardAttribute *attribute, char between)
{
    GList *values = e_vcard_attribute_get_values_decoded(attribute);
    printf("%s\t", what);
    for (GList *i = values; i; i = i->next) {
        const GString *value = i->data;
        if (i != values)
            putchar(between);
        put(value->str);
    }
    putchar('\n');
}

static void put_card(const char *text)
{
    EContact *contact = e_contact_new_from_vcard(text);
    EVCard *card = E_VCARD(contact);
    puts("card");
    for (GList *i = e_vcard_get_attributes(card); i; i = i->next) {
        EVCardAttribute *attribute = i->data;
        const char *name = e_vcard_attribute_get_name(attribute);
        if (g_ascii_strcasecmp(name, "FN") == 0)
            put_values("name", attribute, ';');
        else if (g_ascii_strcasecmp(name, "N") == 0)
            put_values("n", attribute, '\t');
        else if (g_ascii_strcasecmp(name, "EMAIL") == 0)
            put_values("mail", attribute, ';');
        else if (g_ascii_strcasecmp(name, "TEL") == 0)
            put_values("tel", attribute, ';');
    }
    EContactDate *date = e_contact_get(contact, E_CONTACT_BIRTH_DATE);
    if (date) {
        printf("bday\t%u\t%u\t%u\n", date->year, date->month, date->day);
        e_contact_date_free(date);
    }
    g_object_unref(contact);
}

static void silent(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    (void)domain, (void)level, (void)message, (void)data; /* it warns of most real cards */
}

int main(int argc, char **argv)
{
    char *text = NULL;
    (void)g_log_set_default_handler(silent, NULL);
    if (argc != 2 || !g_file_get_contents(argv[1], &text, NULL, NULL))
        return 1;
    char *at = text;
    for (;;) {
        char *begin = strstr(at, "BEGIN:VCARD");
        char *end = begin ? strstr(begin, "END:VCARD") : NULL;
        if (!end)
            break;
        end += strlen("END:VCARD");
        char kept = *end;
        *end = '\0';
        put_card(begin);
        *end = kept;
        at = end;
    }
    g_free(text);
    return 0;
}
