/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ram-parser.c: a table of states.  In each the parser waits for a field of known length; a handler
 * looks at it when it is whole and names the next state.
 */
#include "codec/ram-parser.h"

#include <string.h>
#include <xxhash.h>

#include "base/reader.h"

#define MAGIC        0x5145564d /* "QEVM" */
#define VERSION      3
#define SECTIONS_MAX 16
#define NAME_MAX     255
#define FIELD_MAX    (NAME_MAX + 8)

/* migration/savevm.h, QEMU_VM_... */
enum {
  SECTION_START = 0x01,
  SECTION_PART = 0x02,
  SECTION_END = 0x03,
  CONFIGURATION = 0x07,
  COMMAND = 0x08,
  SECTION_FOOTER = 0x7e,
};

/* migration/savevm.c, enum qemu_vm_cmd: those that change nothing for who reads on. */
enum {
  COMMAND_OPEN_RETURN_PATH = 1,
  COMMAND_PING = 2,
};

/* migration/ram.c, RAM_SAVE_FLAG_... */
enum {
  RAM_ZERO = 0x02,
  RAM_MEM_SIZE = 0x04,
  RAM_PAGE = 0x08,
  RAM_EOS = 0x10,
  RAM_CONTINUE = 0x20,
  RAM_FLAGS = UMZ_PAGE_BYTES - 1,
};

/* hw/s390x/s390-stattrib.c, STATTR_FLAG_... */
enum {
  STATTR_EOS = 0x01,
  STATTR_MORE = 0x02,
  STATTR_DONE = 0x08,
  STATTR_FLAGS = UMZ_PAGE_BYTES - 1,
};

typedef enum {
  AT_HEADER,
  AT_TYPE,
  AT_CONFIGURATION_LENGTH,
  AT_COMMAND,
  AT_SECTION_ID,
  AT_SECTION_NAME_LENGTH,
  AT_SECTION_NAME,
  AT_PART_ID,
  AT_FOOTER,
  AT_RAM_WORD,
  AT_RAM_NAME_LENGTH,
  AT_RAM_NAME,
  AT_ZERO,
  AT_PAGE,
  AT_BLOCK_NAME_LENGTH,
  AT_BLOCK,
  AT_STATTR_WORD,
  AT_STATTR_LENGTH,
  AT_SKIPPED, /* bytes without interest */
  OPAQUE,
  N_STATES,
} State;

typedef enum {
  SECTION_RAM,
  SECTION_STATTR,
} SectionKind;

typedef struct {
  uint32_t id;
  SectionKind kind;
} Section;

typedef struct {
  uint8_t name_length;
  char name[NAME_MAX];
  uint64_t first_page;
  uint64_t n_pages;
} Block;

struct UmzRamParser {
  State state;
  uint8_t field[FIELD_MAX];            /* what has come of it */
  uint64_t field_bytes;                /* so many */
  uint64_t wanted_bytes;               /* of the field, at least 1 */
  void (*then) (UmzRamParser *parser); /* of AT_SKIPPED */

  Section sections[SECTIONS_MAX];
  unsigned n_sections;
  uint32_t section_id; /* the one that we are in */

  Block *blocks; /* owned; UMZ_RAM_BLOCKS_MAX */
  unsigned n_blocks;
  const Block *block;  /* of the last page; in blocks, or NULL */
  uint64_t left_bytes; /* of the memory that the list of blocks has not named yet */
  uint64_t n_pages;
  uint64_t layout;

  uint64_t word; /* of the record that we are in */
  uint8_t expected[UMZ_RAM_EXPECTED_BYTES];
  bool is_expecting;
};

static void
wait_for (UmzRamParser *parser, State state, uint64_t n_bytes)
{
  parser->state = state;
  parser->wanted_bytes = n_bytes;
  parser->field_bytes = 0;
}

static void
wait_for_type (UmzRamParser *parser)
{
  wait_for (parser, AT_TYPE, 1);
}

static void
wait_for_word (UmzRamParser *parser)
{
  wait_for (parser, AT_RAM_WORD, 8);
}

static void
wait_for_stattr_word (UmzRamParser *parser)
{
  wait_for (parser, AT_STATTR_WORD, 8);
}

static void
skip (UmzRamParser *parser, uint64_t n_bytes, void (*then) (UmzRamParser *))
{
  if (n_bytes == 0)
    return then (parser);
  wait_for (parser, AT_SKIPPED, n_bytes);
  parser->then = then;
}

static void
give_up (UmzRamParser *parser)
{
  wait_for (parser, OPAQUE, G_MAXUINT64);
}

/* ---- sections ---- */

static void
take_header (UmzRamParser *parser, UmzReader *field)
{
  uint32_t magic = 0, version = 0;

  (void) umz_reader_get_u32 (field, &magic); /* a field is whole */
  (void) umz_reader_get_u32 (field, &version);
  if (magic == MAGIC && version == VERSION)
    wait_for_type (parser);
  else
    give_up (parser);
}

static void
take_type (UmzRamParser *parser, UmzReader *field)
{
  uint8_t type = 0;

  (void) umz_reader_get_u8 (field, &type);
  switch (type) {
  case CONFIGURATION: wait_for (parser, AT_CONFIGURATION_LENGTH, 4); break;
  case COMMAND: wait_for (parser, AT_COMMAND, 4); break;
  case SECTION_START: wait_for (parser, AT_SECTION_ID, 4); break;
  case SECTION_PART:
  case SECTION_END: wait_for (parser, AT_PART_ID, 4); break;
  default: give_up (parser); break;
  }
}

static void
take_configuration_length (UmzRamParser *parser, UmzReader *field)
{
  uint32_t length = 0;

  (void) umz_reader_get_u32 (field, &length);
  skip (parser, length, wait_for_type);
}

static void
take_command (UmzRamParser *parser, UmzReader *field)
{
  uint16_t command = 0, length = 0;

  (void) umz_reader_get_u16 (field, &command);
  (void) umz_reader_get_u16 (field, &length);
  if (command == COMMAND_OPEN_RETURN_PATH || command == COMMAND_PING)
    skip (parser, length, wait_for_type);
  else
    give_up (parser);
}

static void
take_section_id (UmzRamParser *parser, UmzReader *field)
{
  (void) umz_reader_get_u32 (field, &parser->section_id);
  wait_for (parser, AT_SECTION_NAME_LENGTH, 1);
}

static void
take_section_name_length (UmzRamParser *parser, UmzReader *field)
{
  uint8_t length = 0;

  (void) umz_reader_get_u8 (field, &length);
  wait_for (parser, AT_SECTION_NAME, length + 8);
}

static bool
is_name (const UmzRamParser *parser, const char *name)
{
  size_t length = strlen (name);

  return parser->field_bytes == length + 8 && memcmp (parser->field, name, length) == 0;
}

static void
go_on_in (UmzRamParser *parser, SectionKind kind)
{
  switch (kind) {
  case SECTION_RAM: wait_for_word (parser); break;
  case SECTION_STATTR: wait_for_stattr_word (parser); break;
  }
}

static void
take_section_name (UmzRamParser *parser, UmzReader *field)
{
  Section section = { .id = parser->section_id };
  uint32_t instance = 0, version = 0;

  (void) umz_reader_skip (field, parser->field_bytes - 8);
  (void) umz_reader_get_u32 (field, &instance);
  (void) umz_reader_get_u32 (field, &version);
  if (is_name (parser, "ram") && version == 4)
    section.kind = SECTION_RAM;
  else if (is_name (parser, "s390-storage_attributes") && version == 0)
    section.kind = SECTION_STATTR;
  else
    return give_up (parser);
  if (parser->n_sections == SECTIONS_MAX)
    return give_up (parser);
  parser->sections[parser->n_sections++] = section;
  go_on_in (parser, section.kind);
}

static void
take_part_id (UmzRamParser *parser, UmzReader *field)
{
  (void) umz_reader_get_u32 (field, &parser->section_id);
  for (unsigned i = 0; i < parser->n_sections; i++)
    if (parser->sections[i].id == parser->section_id)
      return go_on_in (parser, parser->sections[i].kind);
  give_up (parser);
}

static void
take_footer (UmzRamParser *parser, UmzReader *field)
{
  uint8_t type = 0;
  uint32_t id = 0;

  (void) umz_reader_get_u8 (field, &type);
  (void) umz_reader_get_u32 (field, &id);
  if (type == SECTION_FOOTER && id == parser->section_id)
    wait_for_type (parser);
  else
    give_up (parser);
}

/* ---- "ram": the list of blocks ---- */

static void
begin_blocks (UmzRamParser *parser)
{
  uint64_t n_bytes = parser->word & ~(uint64_t) RAM_FLAGS;

  if (parser->n_blocks > 0 || n_bytes == 0 || n_bytes / UMZ_PAGE_BYTES > UMZ_RAM_PAGES_MAX)
    return give_up (parser);
  parser->left_bytes = n_bytes;
  wait_for (parser, AT_BLOCK_NAME_LENGTH, 1);
}

static void
take_block_name_length (UmzRamParser *parser, UmzReader *field)
{
  uint8_t length = 0;

  (void) umz_reader_get_u8 (field, &length);
  wait_for (parser, AT_BLOCK, length + 8);
}

static void
take_block (UmzRamParser *parser, UmzReader *field)
{
  Block *block = &parser->blocks[parser->n_blocks];
  uint64_t n_bytes = 0;

  (void) umz_reader_skip (field, parser->field_bytes - 8);
  (void) umz_reader_get_u64 (field, &n_bytes);
  if (parser->n_blocks == UMZ_RAM_BLOCKS_MAX || n_bytes == 0 || n_bytes > parser->left_bytes)
    return give_up (parser);

  *block = (Block){
    .name_length = parser->field_bytes - 8,
    .first_page = parser->n_pages,
    .n_pages = (n_bytes - 1) / UMZ_PAGE_BYTES + 1,
  };
  memcpy (block->name, parser->field, block->name_length);
  parser->n_blocks++;
  parser->n_pages += block->n_pages;
  parser->layout = XXH3_64bits_withSeed (parser->field, parser->field_bytes, parser->layout);
  parser->left_bytes -= n_bytes;
  if (parser->left_bytes == 0)
    wait_for_word (parser);
  else
    wait_for (parser, AT_BLOCK_NAME_LENGTH, 1);
}

/* ---- "ram": pages ---- */

static uint64_t
get_offset (const UmzRamParser *parser)
{
  return parser->word & ~(uint64_t) RAM_FLAGS;
}

static uint64_t
get_page (const UmzRamParser *parser)
{
  return parser->block->first_page + get_offset (parser) / UMZ_PAGE_BYTES;
}

static void
expect_next_page (UmzRamParser *parser)
{
  uint64_t word = GUINT64_TO_BE ((parser->word | RAM_CONTINUE) + UMZ_PAGE_BYTES);

  memcpy (parser->expected, &word, sizeof word);
  parser->is_expecting = true;
}

static void
begin_page (UmzRamParser *parser)
{
  if (parser->block == NULL || get_offset (parser) / UMZ_PAGE_BYTES >= parser->block->n_pages)
    return give_up (parser);
  if (parser->word & RAM_PAGE)
    wait_for (parser, AT_PAGE, UMZ_PAGE_BYTES);
  else
    wait_for (parser, AT_ZERO, 1);
}

static void
take_ram_word (UmzRamParser *parser, UmzReader *field)
{
  (void) umz_reader_get_u64 (field, &parser->word);
  parser->is_expecting = false;
  switch (parser->word & RAM_FLAGS) {
  case RAM_EOS: wait_for (parser, AT_FOOTER, 5); break;
  case RAM_MEM_SIZE: begin_blocks (parser); break;
  case RAM_PAGE:
  case RAM_ZERO: wait_for (parser, AT_RAM_NAME_LENGTH, 1); break;
  case RAM_PAGE | RAM_CONTINUE:
  case RAM_ZERO | RAM_CONTINUE: begin_page (parser); break;
  default: give_up (parser); break;
  }
}

static void
take_ram_name_length (UmzRamParser *parser, UmzReader *field)
{
  uint8_t length = 0;

  (void) umz_reader_get_u8 (field, &length);
  if (length == 0)
    give_up (parser);
  else
    wait_for (parser, AT_RAM_NAME, length);
}

static void
take_ram_name (UmzRamParser *parser, UmzReader *field)
{
  parser->block = NULL;
  for (unsigned i = 0; i < parser->n_blocks && parser->block == NULL; i++) {
    const Block *block = &parser->blocks[i];
    if (block->name_length == parser->field_bytes &&
        memcmp (block->name, parser->field, parser->field_bytes) == 0)
      parser->block = block;
  }
  begin_page (parser);
}

static void
take_page (UmzRamParser *parser, UmzReader *field)
{
  expect_next_page (parser);
  wait_for_word (parser);
}

/* ---- "s390-storage_attributes" ---- */

static void
take_stattr_word (UmzRamParser *parser, UmzReader *field)
{
  uint64_t word = 0;

  (void) umz_reader_get_u64 (field, &word);
  switch (word & STATTR_FLAGS) {
  case STATTR_MORE: wait_for (parser, AT_STATTR_LENGTH, 8); break;
  case STATTR_EOS:
  case STATTR_DONE: wait_for (parser, AT_FOOTER, 5); break;
  default: give_up (parser); break;
  }
}

static void
take_stattr_length (UmzRamParser *parser, UmzReader *field)
{
  uint64_t length = 0;

  (void) umz_reader_get_u64 (field, &length);
  skip (parser, length, wait_for_stattr_word);
}

static void
take_skipped (UmzRamParser *parser, UmzReader *field)
{
  parser->then (parser);
}

static void
take_opaque (UmzRamParser *parser, UmzReader *field)
{
  give_up (parser); /* once more: it has no end */
}

static const struct {
  void (*take) (UmzRamParser *parser, UmzReader *field);
  bool is_kept; /* the handler looks at the field: it is no longer than FIELD_MAX */
} states[N_STATES] = {
  [AT_HEADER] = { take_header, true },
  [AT_TYPE] = { take_type, true },
  [AT_CONFIGURATION_LENGTH] = { take_configuration_length, true },
  [AT_COMMAND] = { take_command, true },
  [AT_SECTION_ID] = { take_section_id, true },
  [AT_SECTION_NAME_LENGTH] = { take_section_name_length, true },
  [AT_SECTION_NAME] = { take_section_name, true },
  [AT_PART_ID] = { take_part_id, true },
  [AT_FOOTER] = { take_footer, true },
  [AT_RAM_WORD] = { take_ram_word, true },
  [AT_RAM_NAME_LENGTH] = { take_ram_name_length, true },
  [AT_RAM_NAME] = { take_ram_name, true },
  [AT_ZERO] = { take_page, false },
  [AT_PAGE] = { take_page, false },
  [AT_BLOCK_NAME_LENGTH] = { take_block_name_length, true },
  [AT_BLOCK] = { take_block, true },
  [AT_STATTR_WORD] = { take_stattr_word, true },
  [AT_STATTR_LENGTH] = { take_stattr_length, true },
  [AT_SKIPPED] = { take_skipped, false },
  [OPAQUE] = { take_opaque, false },
};

/* ---- from outside ---- */

UmzRamParser *
umz_ram_parser_new (void)
{
  UmzRamParser *parser = g_new0 (UmzRamParser, 1);

  parser->blocks = g_new0 (Block, UMZ_RAM_BLOCKS_MAX);
  wait_for (parser, AT_HEADER, 8);
  return parser;
}

void
umz_ram_parser_free (UmzRamParser *parser)
{
  if (parser == NULL)
    return;
  g_free (parser->blocks);
  g_free (parser);
}

static UmzRunKind
get_kind (State state)
{
  return state == AT_PAGE   ? UMZ_RUN_PAGE
         : state == AT_ZERO ? UMZ_RUN_ZERO_PAGE
         : state == OPAQUE  ? UMZ_RUN_OPAQUE
                            : UMZ_RUN_RECORD;
}

UmzRun
umz_ram_parser_next (const UmzRamParser *parser)
{
  UmzRun run = {
    .kind = get_kind (parser->state),
    .n_bytes = parser->wanted_bytes - parser->field_bytes,
  };

  if (run.kind == UMZ_RUN_PAGE || run.kind == UMZ_RUN_ZERO_PAGE)
    run.page = get_page (parser);
  if (parser->state == AT_RAM_WORD && parser->is_expecting)
    run.expected = parser->expected + parser->field_bytes;
  return run;
}

void
umz_ram_parser_feed (UmzRamParser *parser, const uint8_t *bytes, uint64_t n_bytes)
{
  UmzReader field;

  g_assert (n_bytes <= parser->wanted_bytes - parser->field_bytes);
  if (states[parser->state].is_kept)
    memcpy (parser->field + parser->field_bytes, bytes, n_bytes);
  parser->field_bytes += n_bytes;
  if (parser->field_bytes < parser->wanted_bytes)
    return;
  umz_reader_init (&field, parser->field, MIN (parser->field_bytes, FIELD_MAX));
  states[parser->state].take (parser, &field);
}

uint64_t
umz_ram_parser_get_pages (const UmzRamParser *parser)
{
  return parser->left_bytes == 0 ? parser->n_pages : 0;
}

uint64_t
umz_ram_parser_get_layout (const UmzRamParser *parser)
{
  return parser->layout;
}
