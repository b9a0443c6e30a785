#include <string.h>
#include <utf8proc.h>

#include "proto/base/text_form.h"

#define MAX_TEXT 200  /* bytes as written */
#define MAX_DIGITS 15 /* of E.164, country code included */
#define MIN_DIGITS 7

/* How the countries our customers' numbers come from dial. Lengths are those of the national number, without trunk
 * prefix. A number written with neither trunk nor country code (spreadsheets eat the leading 0) must have `bare` digits
 * at least: shorter ones lack their area code and name nobody. From the national numbering plans, ITU-T E.164. */
struct country {
    char name[3];
    const char *code;   /* calling code; no code is the beginning of another */
    const char *trunk;  /* dialled before a national number, "" for none */
    const char *access; /* for dialling abroad, besides the 00 and + that all understand */
    int least, most, bare;
    bool never_own_code; /* no national number begins with the calling code */
};

static const struct country countries[] = {
    {"KR", "82", "0", "001 002 005 006 008 00700", 8, 11, 9, true},
    {"CN", "86", "0", "", 9, 11, 10, true},
    {"US", "1", "1", "011", 10, 10, 10, false},
    {"CA", "1", "1", "011", 10, 10, 10, false},
    {"JP", "81", "0", "", 9, 10, 9, false},
    {"TW", "886", "0", "002", 8, 9, 9, false},
    {"HK", "852", "", "001", 8, 8, 8, false},
    {"MO", "853", "", "", 8, 8, 8, false},
    {"SG", "65", "", "001", 8, 8, 8, false},
    {"MY", "60", "0", "", 8, 10, 8, false},
    {"TH", "66", "0", "001", 8, 9, 8, false},
    {"VN", "84", "0", "", 9, 10, 9, false},
    {"ID", "62", "0", "001", 8, 12, 9, false},
    {"PH", "63", "0", "", 8, 10, 10, false},
    {"KH", "855", "0", "001", 8, 9, 8, false},
    {"MN", "976", "0", "001", 8, 8, 8, false},
    {"IN", "91", "0", "", 10, 10, 10, false},
    {"PK", "92", "0", "", 9, 10, 9, false},
    {"BD", "880", "0", "", 8, 10, 10, false},
    {"LK", "94", "0", "", 9, 9, 9, false},
    {"NP", "977", "0", "", 8, 10, 8, false},
    {"UZ", "998", "", "", 9, 9, 9, false},
    {"AE", "971", "0", "", 8, 9, 8, false},
    {"SA", "966", "0", "", 8, 9, 9, false},
    {"IL", "972", "0", "", 8, 9, 8, false},
    {"TR", "90", "0", "", 10, 10, 10, false},
    {"RU", "7", "8", "", 10, 10, 10, false},
    {"KZ", "7", "8", "", 10, 10, 10, false},
    {"UA", "380", "0", "", 9, 9, 9, false},
    {"GB", "44", "0", "", 9, 10, 9, false},
    {"IE", "353", "0", "", 7, 9, 9, false},
    {"DE", "49", "0", "", 6, 13, 10, false},
    {"AT", "43", "0", "", 6, 13, 10, false},
    {"CH", "41", "0", "", 9, 9, 9, false},
    {"FR", "33", "0", "", 9, 9, 9, false},
    {"BE", "32", "0", "", 8, 9, 8, false},
    {"NL", "31", "0", "", 9, 9, 9, false},
    {"ES", "34", "", "", 9, 9, 9, false},
    {"PT", "351", "", "", 9, 9, 9, false},
    {"IT", "39", "", "", 6, 11, 9, false},
    {"GR", "30", "", "", 10, 10, 10, false},
    {"PL", "48", "", "", 9, 9, 9, false},
    {"CZ", "420", "", "", 9, 9, 9, false},
    {"DK", "45", "", "", 8, 8, 8, false},
    {"NO", "47", "", "", 8, 8, 8, false},
    {"SE", "46", "0", "", 7, 9, 8, false},
    {"FI", "358", "0", "", 6, 12, 9, false},
    {"BR", "55", "0", "", 10, 11, 10, false},
    {"MX", "52", "", "", 10, 11, 10, false},
    {"AR", "54", "0", "", 10, 11, 10, false},
    {"CL", "56", "", "", 9, 9, 9, false},
    {"CO", "57", "", "", 8, 10, 10, false},
    {"PE", "51", "0", "", 8, 9, 8, false},
    {"AU", "61", "0", "0011", 9, 9, 9, false},
    {"NZ", "64", "0", "", 8, 10, 8, false},
    {"ZA", "27", "0", "", 9, 9, 9, false},
    {"EG", "20", "0", "", 8, 10, 9, false},
    {"NG", "234", "0", "009", 8, 10, 10, false},
    {"KE", "254", "0", "000", 9, 9, 9, false},
};

#define COUNTRIES (sizeof countries / sizeof countries[0])

/* A number as digits alone; E.164 ones without their plus. */
struct digits {
    char text[MAX_TEXT + 1];
    bool plus; /* one was written before them */
};

static const struct country *country_named(const char *name) {
    for (size_t i = 0; name != NULL && i < COUNTRIES; i++)
        if (strcmp(countries[i].name, name) == 0) return &countries[i];
    return NULL;
}

static bool begins(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

static const struct country *country_called(const char *international) {
    for (size_t i = 0; i < COUNTRIES; i++)
        if (begins(international, countries[i].code)) return &countries[i];
    return NULL;
}

/* A 0 never begins a national number where it is the trunk prefix; another digit may. */
static bool fits(const struct country *country, const char *national) {
    int len = (int)strlen(national);
    bool second_trunk = country->trunk[0] == '0' && national[0] == '0';
    return len >= country->least && len <= country->most && !second_trunk;
}

/* "+82 (0)10 …" keeps its trunk prefix by mistake. Where that is not a 0, it must be a digit too many. */
static const char *skip_trunk(const struct country *country, const char *national) {
    size_t trunk = strlen(country->trunk);
    if (trunk == 0 || !begins(national, country->trunk)) return national;
    return country->trunk[0] == '0' || (int)strlen(national) > country->most ? national + trunk : national;
}

static bool is_separator(utf8proc_int32_t character) {
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE: return true;
    default:
        /* minus, katakana's long mark and the middle dots, which people type for dashes and dots */
        return character == '.' || character == '\t' || character == '\n' || character == '\r' || character == 0x2212 ||
               character == 0x30fc || character == 0xb7 || character == 0x30fb;
    }
}

static int read_digits(struct view form, struct digits *out, struct err *err) {
    size_t count = 0;
    for (utf8proc_ssize_t at = 0, taken = 0; (size_t)at < form.len; at += taken) {
        utf8proc_int32_t character;
        taken = utf8proc_iterate(form.data + at, (utf8proc_ssize_t)form.len - at, &character);
        if (character >= '0' && character <= '9' && count < MAX_TEXT)
            out->text[count++] = (char)character;
        else if (character == '+' && count == 0 && !out->plus)
            out->plus = true;
        else if (!is_separator(character))
            return err_set(err, ERR_INVALID, NULL,
                           "a phone number has digits, blanks, dashes, dots, brackets and a leading + only");
    }
    out->text[count] = '\0';
    return count > 0 ? 0 : err_set(err, ERR_INVALID, NULL, "there are no digits in the phone number");
}

static int append_number(const char *code, const char *national, struct buf *out, struct err *err) {
    size_t len = strlen(code) + strlen(national);
    if (len < MIN_DIGITS || len > MAX_DIGITS)
        return err_set(err, ERR_INVALID, NULL, "a phone number has %d to %d digits with its country code, this one %zu",
                       MIN_DIGITS, MAX_DIGITS, len);
    buf_printf(out, "+%s%s", code, national);
    return 0;
}

/* Digits that begin with a calling code. */
static int append_international(const char *digits, struct buf *out, struct err *err) {
    const struct country *country = country_called(digits);
    if (digits[0] == '0') return err_set(err, ERR_INVALID, NULL, "a country code does not begin with 0");
    if (country == NULL) return append_number("", digits, out, err);
    const char *national = skip_trunk(country, digits + strlen(country->code));
    if (!fits(country, national))
        return err_set(err, ERR_INVALID, NULL, "this is no phone number of +%s: those have %d to %d more digits",
                       country->code, country->least, country->most);
    return append_number(country->code, national, out, err);
}

static bool is_international(const char *digits) {
    const struct country *country = country_called(digits);
    return country != NULL && fits(country, skip_trunk(country, digits + strlen(country->code)));
}

/* What follows 00 or the country's own prefix for dialling abroad; NULL when none is there. "00" is also the beginning
 * of others ("001 82 …"), so a reading that gives a plausible number goes first. */
static const char *after_access(const char *digits, const struct country *country) {
    bool zeros = begins(digits, "00");
    if (zeros && is_international(digits + 2)) return digits + 2;
    for (const char *at = country == NULL ? "" : country->access; *at != '\0'; at += *at == ' ') {
        size_t len = strcspn(at, " ");
        if (strncmp(digits, at, len) == 0 && is_international(digits + len)) return digits + len;
        at += len;
    }
    return zeros ? digits + 2 : NULL;
}

/* "82 10 1234 5678", where the plus got lost. */
static bool has_own_code(const struct country *country, const char *digits) {
    return begins(digits, country->code) && (country->never_own_code || (int)strlen(digits) > country->most) &&
           fits(country, skip_trunk(country, digits + strlen(country->code)));
}

static int append_national(const struct country *country, const char *digits, struct buf *out, struct err *err) {
    const char *national = skip_trunk(country, digits);
    if (national == digits && has_own_code(country, digits)) return append_international(digits, out, err);
    if (national == digits && (int)strlen(digits) < country->bare)
        return err_set(err, ERR_INVALID, NULL, "the phone number is too short: write it with its area code");
    if (!fits(country, national))
        return err_set(err, ERR_INVALID, NULL,
                       "this is no phone number of %s; write one from abroad with + and its country code",
                       country->name);
    return append_number(country->code, national, out, err);
}

static int append_e164(const struct digits *digits, const char *country_name, struct buf *out, struct err *err) {
    const struct country *country = country_named(country_name);
    if (digits->plus) return append_international(digits->text, out, err);
    const char *abroad = after_access(digits->text, country);
    if (abroad != NULL) return append_international(abroad, out, err);
    if (country == NULL) return err_set(err, ERR_INVALID, NULL, "write the phone number with + and its country code");
    return append_national(country, digits->text, out, err);
}

int phone_normalise(struct view text, const char *country, struct buf *out, struct err *err) {
    struct digits digits = {.plus = false};
    struct buf form = BUF_INIT;
    if (text.len > MAX_TEXT)
        return err_set(err, ERR_INVALID, NULL, "the phone number is longer than %d bytes", MAX_TEXT);
    int code = text_form(text, &form, err);
    if (code == 0) code = read_digits(buf_view(&form), &digits, err);
    if (code == 0) code = append_e164(&digits, country, out, err);
    buf_release(&form);
    return code;
}
