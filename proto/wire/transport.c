#include "proto/wire/transport.h"

#include <string.h>

static int bad_address(struct err *err, const char *address) {
    return err_set(err, ERR_INVALID, "address", "\"%s\" is not an address; write HOST:PORT, as in hub.example:7700",
                   address);
}

static bool parse_port(const char *text, uint16_t *port) {
    uint32_t value = 0;
    size_t digits = strlen(text);
    if (digits == 0 || digits > 5) return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return false;
        value = value * 10 + (uint32_t)(*text - '0');
    }
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

/* What may stand in a host name or a literal address; nothing else may reach the parser of URLs behind. */
static bool host_characters(const char *host, size_t len, bool brackets) {
    for (size_t i = 0; i < len; i++) {
        char c = host[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool other = c == '.' || c == '-' || c == '_' || (brackets && (c == ':' || c == '%'));
        if (!letter && !other) return false;
    }
    return true;
}

int transport_address_split(const char *address, char *host, uint16_t *port, struct err *err) {
    const char *colon = strrchr(address, ':');
    if (colon == NULL || !parse_port(colon + 1, port)) return bad_address(err, address);
    const char *start = address;
    size_t len = (size_t)(colon - address);
    bool brackets = len >= 2 && start[0] == '[' && start[len - 1] == ']';
    if (brackets) {
        start++;
        len -= 2;
    }
    if (len >= TRANSPORT_HOST_SIZE || (brackets && len == 0) || !host_characters(start, len, brackets))
        return bad_address(err, address);
    view_text(view_make(start, len), host, TRANSPORT_HOST_SIZE);
    return 0;
}
