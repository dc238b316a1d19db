/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"
#include "lib/base/text.h"
#include "tests/unit/conf.h"

/* The schema for editors and the manual say what the tables say. */

static const char *
source_path(const char *name, char dst[static 512])
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	(void)snprintf(dst, 512, "%s/%s", srcdir, name);
	return dst;
}

static json_t *
load_schema(void)
{
	char path[512];
	json_error_t error;
	json_t *schema =
	    json_load_file(source_path("doc/pvsboot.schema.json", path), 0, &error);
	ck_assert_msg(schema != NULL, "%s:%d: %s", path, error.line, error.text);
	return schema;
}

static bool
has_text(const json_t *list, const char *text)
{
	size_t i;
	const json_t *entry;
	json_array_foreach (list, i, entry) {
		if (strcmp(json_string_value(entry), text) == 0) {
			return true;
		}
	}
	return false;
}

static void
check_words(const struct key *key, const json_t *words)
{
	size_t count = 0;
	for (; key->words[count] != NULL; count++) {
		ck_assert_msg(has_text(words, key->words[count]), "%s", key->name);
	}
	ck_assert_uint_eq(json_array_size(words), count);
}

static void
check_type(const struct key *key, const json_t *property)
{
	if (key->type == &type_number) {
		ck_assert_int_eq(
		    json_integer_value(json_object_get(property, "minimum")), key->min);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(property, "maximum")), key->max);
	} else if (key->type == &type_word) {
		check_words(key, json_object_get(property, "enum"));
	} else if (key->type == &type_words) {
		check_words(
		    key, json_object_get(json_object_get(property, "items"), "enum"));
	}
}

/* The default of the schema is what the table makes of a field that nobody wrote. */
static void
check_default(const struct key *key, const json_t *property)
{
	union {
		max_align_t align;
		uint8_t bytes[256];
	} field = {.bytes = {0}};
	const json_t *said = json_object_get(property, "default");
	if (said == NULL) {
		ck_assert_msg(key->type != &type_bool && key->type != &type_number &&
			key->type != &type_word && key->type != &type_duration,
		    "%s", key->name);
		return;
	}
	if (key->type->init != NULL) {
		key->type->init(key, &field);
	}
	json_t *made = key->type->write(key, &field);
	ck_assert_msg(json_equal(said, made), "%s", key->name);
	json_decref(made);
}

START_TEST(the_schema_has_the_keys_ranges_and_defaults_of_the_tables)
{
	const struct table *table = config_tables[_i];
	json_t *schema = load_schema();
	const json_t *definition =
	    json_object_get(json_object_get(schema, "definitions"), table->name);
	const json_t *properties = json_object_get(definition, "properties");
	const json_t *required = json_object_get(definition, "required");
	size_t required_count = 0;
	ck_assert_uint_eq(json_object_size(properties), table->count);
	for (size_t i = 0; i < table->count; i++) {
		const struct key *key = &table->keys[i];
		const json_t *property = json_object_get(properties, key->name);
		ck_assert_msg(property != NULL, "%s: %s", table->name, key->name);
		ck_assert_int_eq(has_text(required, key->name), key->required);
		required_count += key->required ? 1 : 0;
		check_type(key, property);
		check_default(key, property);
	}
	ck_assert_uint_eq(json_array_size(required), required_count);
	json_decref(schema);
}
END_TEST

static char *
read_source(const char *name)
{
	char path[512];
	FILE *file = fopen(source_path(name, path), "rb");
	ck_assert_msg(file != NULL, "%s", path);
	char *text = calloc(1, 1 << 16);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_lt(fread(text, 1, (1 << 16) - 1, file), (1 << 16) - 1);
	ck_assert_int_eq(fclose(file), 0);
	return text;
}

START_TEST(the_manual_has_an_entry_for_every_key)
{
	const struct table *table = config_tables[_i];
	char *manual = read_source("doc/pvsboot.yaml.5");
	for (size_t i = 0; i < table->count; i++) {
		char entry[64];
		(void)snprintf(
		    entry, sizeof(entry), "\n.It Cm %s ", table->keys[i].name);
		char *found = strstr(manual, entry);
		(void)snprintf(
		    entry, sizeof(entry), "\n.It Cm %s\n", table->keys[i].name);
		ck_assert_msg(found != NULL || strstr(manual, entry) != NULL, "%s: %s",
		    table->name, table->keys[i].name);
	}
	free(manual);
}
END_TEST

START_TEST(the_examples_of_the_manual_pass_the_check)
{
	char *manual = read_source("doc/pvsboot.yaml.5");
	const char begin[] = ".Bd -literal -offset indent\nboot-servers:";
	unsigned examples = 0;
	char *at = manual;
	while ((at = strstr(at, begin)) != NULL) {
		char *text = strchr(at, '\n') + 1;
		char *end = strstr(text, "\n.Ed");
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		const char *const texts[] = {text};
		config_free(conf_good(texts, 1));
		examples++;
		at = end + 1;
	}
	ck_assert_uint_eq(examples, 2);
	free(manual);
}
END_TEST

START_TEST(the_example_passes_the_check)
{
	char *example = read_source("dist/pvsboot.yaml.example");
	const char *const texts[] = {example};
	config_free(conf_good(texts, 1));
	free(example);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf_schema");
	TCase *tc = tcase_create("conf_schema");
	const int tables = (int)config_table_count;
	tcase_add_loop_test(
	    tc, the_schema_has_the_keys_ranges_and_defaults_of_the_tables, 0, tables);
	tcase_add_loop_test(tc, the_manual_has_an_entry_for_every_key, 0, tables);
	tcase_add_test(tc, the_examples_of_the_manual_pass_the_check);
	tcase_add_test(tc, the_example_passes_the_check);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
