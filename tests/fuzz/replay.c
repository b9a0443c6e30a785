/* Runs a fuzz target over saved inputs, for builds without libFuzzer: fuzz_x CORPUS…
 *
 * Every file given, or in a directory given, goes through LLVMFuzzerTestOneInput once. Exit 1 when there was no input
 * at all, so that a lost corpus is noticed; 2 when something cannot be read. A target fails by dying. */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Runs one input. The copy has exactly its size, so that reading past its end is noticed. */
static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    struct stat facts;
    if (file == NULL || fstat(fileno(file), &facts) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        if (file != NULL) fclose(file);
        return 2;
    }
    size_t size = (size_t)facts.st_size;
    uint8_t *data = malloc(size);
    int result = 0;
    if ((data == NULL && size > 0) || fread(data, 1, size, file) != size) {
        fprintf(stderr, "%s: cannot be read whole\n", path);
        result = 2;
    } else {
        fprintf(stderr, "%s (%zu bytes)\n", path, size);
        LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    fclose(file);
    return result;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/* Runs a file, or all files of a directory in the order of their names; counts them. */
static int replay_path(const char *path, size_t *count) {
    struct stat facts;
    if (stat(path, &facts) == 0 && !S_ISDIR(facts.st_mode)) {
        *count += 1;
        return replay_file(path);
    }
    struct dirent **entries;
    int entry_count = scandir(path, &entries, is_visible, alphasort);
    if (entry_count < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 2;
    }
    int result = 0;
    for (int i = 0; i < entry_count; i++) {
        char *file = NULL;
        if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0) abort();
        int one = replay_path(file, count);
        if (one != 0) result = one;
        free(file);
        free(entries[i]);
    }
    free(entries);
    return result;
}

int main(int argc, char **argv) {
    size_t count = 0;
    int result = 0;
    for (int i = 1; i < argc; i++) {
        int one = replay_path(argv[i], &count);
        if (one != 0) result = one;
    }
    if (count == 0) {
        fprintf(stderr, "no inputs: usage: %s CORPUS-DIRECTORY…\n", argv[0]);
        return result != 0 ? result : 1;
    }
    printf("%zu inputs\n", count);
    return result;
}
