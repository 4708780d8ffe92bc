/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sdf.c: what operators type, what they mean by it, and what they are told if it is wrong. */
#include "sdf/echo.h"
#include "sdf/parse.h"

#include "messages/catalogue.h"
#include "sdf/source.h"

#include <string.h>

/* Parses a copy on the heap, so that ASan sees a look behind the end. */
static UmzCommand *
parse (const char *text, GError **error)
{
  UmzCommand *command = NULL;
  g_autofree char *heap = g_strdup (text);
  bool ok = umz_sdf_parse (heap, &command, error);
  g_assert_true (ok == (command != NULL));
  return command;
}

/* ---- good input: the echo shows how it was understood ---- */

static const struct {
  const char *input;
  const char *echo;
} good[] = {
  /* the seeds */
  { "/MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME=ABGSE701",
    "MIGRATE-VM VM-IDENTIFICATION=12,SERVER-UNIT-NAME=ABGSE701" },
  { "/MIGRATE-VM VM-ID=VM12PROD,SERVER-UNIT-NAME=ABGSE701,MONJV=MONJV.LM.VM12PROD",
    "MIGRATE-VM VM-IDENTIFICATION=VM12PROD,SERVER-UNIT-NAME=ABGSE701,MONJV=MONJV.LM.VM12PROD" },
  { "/check-vm-migration vm-id=g4ivo,server-unit-name=d021ze01",
    "CHECK-VM-MIGRATION VM-IDENTIFICATION=G4IVO,SERVER-UNIT-NAME=D021ZE01" },
  { "/SHOW-JV JV=MONITOR", "SHOW-JV JV-CONTENTS=MONITOR" },
  /* abbreviation */
  { "migrate-vm 12", "MIGRATE-VM VM-IDENTIFICATION=12" },
  { "MIGRATE-VM 12", "MIGRATE-VM VM-IDENTIFICATION=12" },
  { "CH-V-M V=12", "CHECK-VM-MIGRATION VM-IDENTIFICATION=12" },
  { "CAN 12", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=12" },
  { "SH-VM-AT I=*MO", "SHOW-VM-ATTRIBUTES INFORMATION=*MONJV" },
  { "SHOW-VM-A", "SHOW-VM-ATTRIBUTES" },
  /* positions */
  { "MIGRATE-VM 12,ABGSE701,MONJV.A", "MIGRATE-VM VM-IDENTIFICATION=12,"
                                      "SERVER-UNIT-NAME=ABGSE701,MONJV=MONJV.A" },
  { "MIGRATE-VM 12,,MONJV.A", "MIGRATE-VM VM-IDENTIFICATION=12,MONJV=MONJV.A" },
  { "MIGRATE-VM 12,MONJV=A", "MIGRATE-VM VM-IDENTIFICATION=12,MONJV=A" },
  { "MIGRATE-VM 12,", "MIGRATE-VM VM-IDENTIFICATION=12" },
  { "SHOW-VM-ATTRIBUTES ,12", "SHOW-VM-ATTRIBUTES VM-IDENTIFICATION=12" },
  { "MIGRATE-VM ,,VM-ID=12", "MIGRATE-VM VM-IDENTIFICATION=12" },
  /* constants with and without star */
  { "SHOW-VM-ATTRIBUTES INFORMATION=ALL", "SHOW-VM-ATTRIBUTES INFORMATION=*ALL" },
  { "SHOW-VM-ATTRIBUTES INF=*all", "SHOW-VM-ATTRIBUTES INFORMATION=*ALL" },
  { "SHOW-VM-ATTRIBUTES U,*ALL",
    "SHOW-VM-ATTRIBUTES INFORMATION=*UNITS,VM-IDENTIFICATION=*ALL" },
  { "SHOW-VM-ATTRIBUTES VM-ID=ALL", "SHOW-VM-ATTRIBUTES VM-IDENTIFICATION=ALL" },
  { "MIGRATE-VM 2,UNIQUE", "MIGRATE-VM VM-IDENTIFICATION=2,SERVER-UNIT-NAME=UNIQUE" },
  { "MIGRATE-VM 2,*UNIQUE", "MIGRATE-VM VM-IDENTIFICATION=2,SERVER-UNIT-NAME=*UNIQUE" },
  { "MIGRATE-VM 2,*U", "MIGRATE-VM VM-IDENTIFICATION=2,SERVER-UNIT-NAME=*UNIQUE" },
  { "MIGRATE-VM 2,JV-PASSWORD=NONE", "MIGRATE-VM VM-IDENTIFICATION=2,JV-PASSWORD=*NONE" },
  /* types and both ends of their ranges */
  { "CANCEL 1", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=1" },
  { "CANCEL 99", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=99" },
  { "CANCEL +012", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=+012" },
  { "CANCEL $a#@9", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=$A#@9" },
  { "MIGRATE-VM 2,1host.a-b", "MIGRATE-VM VM-IDENTIFICATION=2,SERVER-UNIT-NAME=1HOST.A-B" },
  { "SHOW-JV :cat1:$user.jv-1", "SHOW-JV JV-CONTENTS=:CAT1:$USER.JV-1" },
  /* quotes */
  { "CANCEL 'web server'", "CANCEL-VM-MIGRATION VM-IDENTIFICATION='web server'" },
  { "CANCEL c'it''s'", "CANCEL-VM-MIGRATION VM-IDENTIFICATION='it''s'" },
  { "CANCEL C'12'", "CANCEL-VM-MIGRATION VM-IDENTIFICATION='12'" },
  { "CANCEL ''''", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=''''" },
  { "CANCEL 'a,b=(c)\"d\"'", "CANCEL-VM-MIGRATION VM-IDENTIFICATION='a,b=(c)\"d\"'" },
  { "CANCEL 'gr\xc3\xbcn'", "CANCEL-VM-MIGRATION VM-IDENTIFICATION='gr\xc3\xbcn'" },
  { "CANCEL c", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=C" },
  { "CANCEL x", "CANCEL-VM-MIGRATION VM-IDENTIFICATION=X" },
  { "MIGRATE-VM 2,JV-P='abcd'", "MIGRATE-VM VM-IDENTIFICATION=2,JV-PASSWORD=P" },
  { "MIGRATE-VM 2,JV-P=x'00ffAB12'", "MIGRATE-VM VM-IDENTIFICATION=2,JV-PASSWORD=P" },
  { "MIGRATE-VM 2,JV-P=-2147483647", "MIGRATE-VM VM-IDENTIFICATION=2,JV-PASSWORD=P" },
  { "MIGRATE-VM 2,JV-P=2147483648", "MIGRATE-VM VM-IDENTIFICATION=2,JV-PASSWORD=P" },
  /* patterns */
  { "SHOW-VM-A VM-ID=vm*", "SHOW-VM-ATTRIBUTES VM-IDENTIFICATION=VM*" },
  { "SHOW-VM-A VM-ID=*prod", "SHOW-VM-ATTRIBUTES VM-IDENTIFICATION=*PROD" },
  { "SHOW-VM-A VM-ID=*", "SHOW-VM-ATTRIBUTES VM-IDENTIFICATION=*" },
  { "SHOW-VM-A VM-ID=*al", "SHOW-VM-ATTRIBUTES VM-IDENTIFICATION=*ALL" },
  { "SHOW-VM-A VM-ID=VM<1,5:7>/", "SHOW-VM-ATTRIBUTES VM-IDENTIFICATION=VM<1,5:7>/" },
  { "SHOW-VM-A VM-ID=-VM1*,I=*U",
    "SHOW-VM-ATTRIBUTES INFORMATION=*UNITS,VM-IDENTIFICATION=-VM1*" },
  /* lists */
  { "SH-VM-DEV FAA4", "SHOW-VM-DEVICE-STATUS UNITS=FAA4" },
  { "SH-VM-DEV (FAA4)", "SHOW-VM-DEVICE-STATUS UNITS=FAA4" },
  { "SH-VM-DEV ( faa4 , 4683,CS )", "SHOW-VM-DEVICE-STATUS UNITS=(FAA4,4683,CS)" },
  { "SH-VM-DEV UNITS=(FA<A,B>*,*DEV(FROM=4680,TO=4683))",
    "SHOW-VM-DEVICE-STATUS UNITS=(FA<A,B>*,*DEVICE-RANGE(FROM=4680,TO=4683))" },
  /* structures */
  { "SH-VM-DEV *DEVICE-RANGE(4680,4683)",
    "SHOW-VM-DEVICE-STATUS UNITS=*DEVICE-RANGE(FROM=4680,TO=4683)" },
  { "SH-VM-DEV SELECT=*PARAMETERS", "SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS" },
  { "SH-VM-DEV SELECT=*PARAMETERS()", "SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS" },
  { "SH-VM-DEV SELECT=P(STATE=AS)",
    "SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS(STATE=*ASSIGNED)" },
  { "SH-VM-DEV S=P (ST=AS ( USAGE = SHARED , VM-ID = 12 ) )",
    "SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS(STATE=*ASSIGNED(USAGE=*SHARED,"
    "VM-IDENTIFICATION=12))" },
  { "SH-VM-DEV ,*P(*AS(,VM*))",
    "SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS(STATE=*ASSIGNED(VM-IDENTIFICATION=VM*))" },
  { "SH-VM-DEV ,(*AS(*E))",
    "SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS(STATE=*ASSIGNED(USAGE=*EXCLUSIVE))" },
  /* the life of a VM */
  { "HOLD ALL", "HOLD-VM VM-IDENTIFICATION=ALL" },
  { "RESUME *ALL", "RESUME-VM VM-IDENTIFICATION=*ALL" },
  { "SHUT *VM", "SHUTDOWN-VM VM-IDENTIFICATION=*VM-GUESTS" },
  { "START 12,*Y", "START-VM VM-IDENTIFICATION=12,HOLD=*YES" },
  /* job variables */
  { "CREATE-JV A,*P(WR-P='abcd')",
    "CREATE-JV JV-NAME=A,PROTECTION=*PARAMETERS(WRITE-PASSWORD=P)" },
  { "MODIFY-JV *SUB(A,129,LENGTH=3),x'4142'",
    "MODIFY-JV JV-CONTENTS=*SUBSTRING(JV-NAME=A,POSITION=129,LENGTH=3),SET-VALUE=X'4142'" },
  { "MOD-JV A,''", "MODIFY-JV JV-CONTENTS=A,SET-VALUE=''" },
  { "SHOW-JV *SUB(A.B,1)", "SHOW-JV JV-CONTENTS=*SUBSTRING(JV-NAME=A.B,POSITION=1)" },
  { "SHOW-JV-A monjv.*", "SHOW-JV-ATTRIBUTES JV-NAME=MONJV.*" },
  /* blanks, comments, continuation */
  { "  /  MIGRATE-VM   VM-ID = 12 , MONJV = A  ", "MIGRATE-VM VM-IDENTIFICATION=12,MONJV=A" },
  { "MIGRATE-VM \"the big one\" 12 \"it's\"", "MIGRATE-VM VM-IDENTIFICATION=12" },
  { "\"first\"MIGRATE-VM 12", "MIGRATE-VM VM-IDENTIFICATION=12" },
  { "/MIGRATE-VM VM-ID=12,-\n/  MONJV=A\n", "MIGRATE-VM VM-IDENTIFICATION=12,MONJV=A" },
  { "/MIGRATE-VM VM-ID=12, -  \r\n   MON-\r\nJV=A\r\n",
    "MIGRATE-VM VM-IDENTIFICATION=12,MONJV=A" },
  { "/CANCEL 'a-\n/b'", "CANCEL-VM-MIGRATION VM-IDENTIFICATION='ab'" },
  { "SHOW-VM-ATTRIBUTES\n\n", "SHOW-VM-ATTRIBUTES" },
};

static void
understands_good_input (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *printable = g_strescape (good[i].input, NULL);
    g_test_message ("%s", printable);
    g_autoptr (UmzCommand) command = parse (good[i].input, &error);
    g_assert_no_error (error);
    g_autofree char *echo = umz_command_dup_echo (command);
    g_assert_cmpstr (echo, ==, good[i].echo);
  }
}

/* ---- bad input: the message, word by word ---- */

#define A_VM       "<integer 1..9999> / <name 1..63> / <c-string 1..255>"
#define M_COMMANDS "MIGRATE-VM, MIGRATE-VM-DEFINITION, MODIFY-JV, MODIFY-VM-DEFINITION"
#define SHOW_VMS                                                    \
  "SHOW-VM-ATTRIBUTES, SHOW-VM-DEFINITION, SHOW-VM-DEVICE-STATUS, " \
  "SHOW-VM-MIGRATION, SHOW-VM-MIRROR, SHOW-VM-RESOURCES, SHOW-VM-STATUS"
#define SHOWS      "SHOW-JV, SHOW-JV-ATTRIBUTES, SHOW-SU-CLUSTER, " SHOW_VMS
#define S_COMMANDS SHOWS ", SHUTDOWN-VM, START-VM, SWITCH-VM-DEVICES"
#define COMMANDS                                                                \
  "ACTIVATE-VM-DEFINITION, ADD-VM-DEVICES, CANCEL-VM-MIGRATION, "               \
  "CHECK-VM-MIGRATION, CONFIRM-VM-OWNERSHIP, CREATE-JV, DELETE-JV, DELETE-VM, " \
  "DELETE-VM-DEFINITION, DELETE-VM-MIRROR, "                                    \
  "HELP-MSG-INFORMATION, HOLD-VM, " M_COMMANDS ", RECOVER-VM-DEFINITION, "      \
  "REMOVE-VM-DEVICES, RESOLVE-VM-MIGRATION, RESUME-VM, " S_COMMANDS ", WAIT-EVENT"
#define A_JV     "<filename 1..54> / *SUBSTRING(...)"
#define SOME_VMS "<integer 1..9999> / <name 1..63 with-wild(20)> / <c-string 1..255>"
#define INFORMATION \
  "*STD / *CPU / *UNITS / *MEMORY / *MONJV / *ALL"
#define UNITS \
  "list-poss(28): *ALL / *DEVICE-RANGE(...) / <alphanum-name 1..8 with-wild(20)> / <c-string 1..64>"
#define MIGRATE_OPERANDS                                      \
  "VM-IDENTIFICATION, SERVER-UNIT-NAME, MONJV, JV-PASSWORD, " \
  "MAX-SUSPENSION, MAX-TIME, ENGINE, NON-CONVERGENCE"
#define A_PASSWORD                             \
  "*NONE / <c-string 1..4> / <x-string 1..8> " \
  "/ <integer -2147483647..2147483648>"

static const struct {
  const char *input;
  const char *message;
} bad[] = {
  /* the command */
  { "", "UMZ0006 SYNTAX ERROR IN COLUMN 1: '' READ, EXPECTED IS <command>" },
  { " / ", "UMZ0006 SYNTAX ERROR IN COLUMN 3: '' READ, EXPECTED IS <command>" },
  { "=", "UMZ0006 SYNTAX ERROR IN COLUMN 1: '=' READ, EXPECTED IS <command>" },
  { "MOVE-VM 1", "UMZ0002 COMMAND 'MOVE-VM' UNKNOWN. COMMANDS: " M_COMMANDS },
  { "X", "UMZ0002 COMMAND 'X' UNKNOWN. COMMANDS: " COMMANDS },
  { "//MIG 1", "UMZ0002 COMMAND '/MIG' UNKNOWN. COMMANDS: " COMMANDS },
  { "SHOW-VM-", "UMZ0002 COMMAND 'SHOW-VM-' UNKNOWN. COMMANDS: " S_COMMANDS },
  { "MIGRATE-VM-NOW 1", "UMZ0002 COMMAND 'MIGRATE-VM-NOW' UNKNOWN. COMMANDS: " M_COMMANDS },
  { "SHOW--JV A", "UMZ0002 COMMAND 'SHOW--JV' UNKNOWN. COMMANDS: " S_COMMANDS },
  { "/SHOW", "UMZ0004 'SHOW' IN COLUMN 2 IS AMBIGUOUS. POSSIBLE: " SHOWS },
  { "SHOW-VM", "UMZ0004 'SHOW-VM' IN COLUMN 1 IS AMBIGUOUS. POSSIBLE: " SHOW_VMS },
  { "MIG 1", "UMZ0004 'MIG' IN COLUMN 1 IS AMBIGUOUS. POSSIBLE: "
             "MIGRATE-VM, MIGRATE-VM-DEFINITION" },
  { "C 1", "UMZ0004 'C' IN COLUMN 1 IS AMBIGUOUS. POSSIBLE: "
           "CANCEL-VM-MIGRATION, CHECK-VM-MIGRATION, CONFIRM-VM-OWNERSHIP, CREATE-JV" },
  { "MIGRATE-VM,1", "UMZ0006 SYNTAX ERROR IN COLUMN 11: ',' READ, EXPECTED IS <blank>" },
  { "MIGRATE-VM(1)", "UMZ0006 SYNTAX ERROR IN COLUMN 11: '(1)' READ, EXPECTED IS <blank>" },
  /* operands */
  { "MIGRATE-VM", "UMZ0005 MANDATORY OPERAND VM-IDENTIFICATION OF /MIGRATE-VM MISSING" },
  { "SHOW-JV ,", "UMZ0012 TOO MANY OPERANDS FROM COLUMN 10. /SHOW-JV HAS 1" },
  { "SHOW-JV", "UMZ0005 MANDATORY OPERAND JV-CONTENTS OF /SHOW-JV MISSING" },
  { "MIGRATE-VM 1,A,B,'C',5,6,*STD,*STD,D",
    "UMZ0012 TOO MANY OPERANDS FROM COLUMN 36. /MIGRATE-VM HAS 8" },
  { "MIGRATE-VM 1,A,B,'C',D",
    "UMZ0003 OPERAND MAX-SUSPENSION IN COLUMN 22: 'D' READ, ALLOWED IS *STD / "
    "<integer 1..2000000>" },
  { "MIGRATE-VM VM-ID=1,A", "UMZ0009 POSITIONAL OPERAND 'A' IN COLUMN 20 AFTER A KEYWORD OPERAND" },
  { "MIGRATE-VM VM-ID=1,VM=2",
    "UMZ0008 OPERAND VM-IDENTIFICATION IN COLUMN 20 GIVEN A SECOND TIME" },
  { "MIGRATE-VM 1,VM-ID=2", "UMZ0008 OPERAND VM-IDENTIFICATION IN COLUMN 14 GIVEN A SECOND TIME" },
  { "MIGRATE-VM 1,FORCE=*YES", "UMZ0007 OPERAND 'FORCE' IN COLUMN 14 UNKNOWN. OPERANDS OF "
                               "/MIGRATE-VM: " MIGRATE_OPERANDS },
  { "MIGRATE-VM 1,*ALL=1", "UMZ0007 OPERAND '*ALL' IN COLUMN 14 UNKNOWN. OPERANDS OF "
                           "/MIGRATE-VM: " MIGRATE_OPERANDS },
  { "MIGRATE-VM 1 2", "UMZ0006 SYNTAX ERROR IN COLUMN 14: '2' READ, EXPECTED IS ," },
  { "MIGRATE-VM =1", "UMZ0006 SYNTAX ERROR IN COLUMN 12: '=1' READ, EXPECTED IS ," },
  { "MIGRATE-VM 1,(A,B)", "UMZ0006 SYNTAX ERROR IN COLUMN 14: '(A' READ, EXPECTED IS ," },
  { "MIGRATE-VM 1,A'B'", "UMZ0006 SYNTAX ERROR IN COLUMN 15: ''B'' READ, EXPECTED IS ," },
  /* values */
  { "MIGRATE-VM 0", "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: '0' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM 10000",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: '10000' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM -1",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: '-1' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM 99999999999999999999",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: '99999999999999999999' READ, "
    "ALLOWED IS " A_VM },
  { "MIGRATE-VM 1A",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: '1A' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM A-B",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: 'A-B' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM A_B",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: 'A_B' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM ''",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: '''' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM *ALL",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: '*ALL' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM X'12'",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: 'X'12'' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM VM-ID=",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 18: '' READ, ALLOWED IS " A_VM },
  { "MIGRATE-VM 1,A..B", "UMZ0003 OPERAND SERVER-UNIT-NAME IN COLUMN 14: 'A..B' READ, ALLOWED IS "
                         "*UNIQUE / <composed-name 1..64>" },
  { "MIGRATE-VM 1,*X", "UMZ0003 OPERAND SERVER-UNIT-NAME IN COLUMN 14: '*X' READ, ALLOWED IS "
                       "*UNIQUE / <composed-name 1..64>" },
  { "MIGRATE-VM 1,*", "UMZ0003 OPERAND SERVER-UNIT-NAME IN COLUMN 14: '*' READ, ALLOWED IS "
                      "*UNIQUE / <composed-name 1..64>" },
  { "SHOW-JV /etc/passwd", "UMZ0003 OPERAND JV-CONTENTS IN COLUMN 9: '/etc/passwd' READ, "
                           "ALLOWED IS " A_JV },
  { "SHOW-JV :TOOLONG:A", "UMZ0003 OPERAND JV-CONTENTS IN COLUMN 9: ':TOOLONG:A' READ, "
                          "ALLOWED IS " A_JV },
  { "SHOW-JV ::A", "UMZ0003 OPERAND JV-CONTENTS IN COLUMN 9: '::A' READ, "
                   "ALLOWED IS " A_JV },
  { "SHOW-VM-A I=CPUS", "UMZ0003 OPERAND INFORMATION IN COLUMN 13: 'CPUS' READ, "
                        "ALLOWED IS " INFORMATION },
  { "SHOW-VM-A I='ALL'", "UMZ0003 OPERAND INFORMATION IN COLUMN 13: ''ALL'' READ, "
                         "ALLOWED IS " INFORMATION },
  /* patterns */
  { "MIGRATE-VM VM*",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: 'VM*' READ, ALLOWED IS " A_VM },
  { "SHOW-VM-A VM-ID=VM<1", "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 17: 'VM<1' READ, "
                            "ALLOWED IS *ALL / " SOME_VMS },
  { "SHOW-VM-A VM-ID=VM<1,2", "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 17: 'VM<1' READ, "
                              "ALLOWED IS *ALL / " SOME_VMS },
  { "SHOW-VM-A VM-ID=ABCDEFGHIJKLMNOPQRST*",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 17: 'ABCDEFGHIJKLMNOPQRST*' READ, "
    "ALLOWED IS *ALL / " SOME_VMS },
  /* lists */
  { "SH-VM-DEV (A,B", "UMZ0006 SYNTAX ERROR IN COLUMN 15: '' READ, EXPECTED IS )" },
  { "SH-VM-DEV (A B)", "UMZ0006 SYNTAX ERROR IN COLUMN 14: 'B)' READ, EXPECTED IS )" },
  { "SH-VM-DEV ()", "UMZ0003 OPERAND UNITS IN COLUMN 12: '' READ, ALLOWED IS " UNITS },
  { "SH-VM-DEV (A,)", "UMZ0003 OPERAND UNITS IN COLUMN 14: '' READ, ALLOWED IS " UNITS },
  { "SH-VM-DEV (A,(B))", "UMZ0003 OPERAND UNITS IN COLUMN 14: '' READ, ALLOWED IS " UNITS },
  { "SH-VM-DEV (A,ABCDEFGHI)", "UMZ0003 OPERAND UNITS IN COLUMN 14: 'ABCDEFGHI' READ, "
                               "ALLOWED IS " UNITS },
  { "SH-VM-DEV (1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9)",
    "UMZ0018 OPERAND UNITS HAS MORE THAN 28 VALUES FROM COLUMN 68" },
  { "SH-VM-DEV (A=1)", "UMZ0006 SYNTAX ERROR IN COLUMN 13: '=1)' READ, EXPECTED IS )" },
  /* structures */
  { "SH-VM-DEV *DEV", "UMZ0005 MANDATORY OPERAND FROM OF /SHOW-VM-DEVICE-STATUS "
                      "UNITS=*DEVICE-RANGE MISSING" },
  { "SH-VM-DEV *DEV(1)", "UMZ0005 MANDATORY OPERAND TO OF /SHOW-VM-DEVICE-STATUS "
                         "UNITS=*DEVICE-RANGE MISSING" },
  { "SH-VM-DEV *DEV(1,2,3)", "UMZ0012 TOO MANY OPERANDS FROM COLUMN 20. /SHOW-VM-DEVICE-STATUS "
                             "UNITS=*DEVICE-RANGE HAS 2" },
  { "SH-VM-DEV *DEV(1,2", "UMZ0006 SYNTAX ERROR IN COLUMN 19: '' READ, EXPECTED IS )" },
  { "SH-VM-DEV *DEV(1,2))", "UMZ0006 SYNTAX ERROR IN COLUMN 20: ')' READ, EXPECTED IS ," },
  { "SH-VM-DEV *ALL(1)", "UMZ0006 SYNTAX ERROR IN COLUMN 15: '(1)' READ, EXPECTED IS ," },
  { "SH-VM-DEV S=P(X=1)", "UMZ0007 OPERAND 'X' IN COLUMN 15 UNKNOWN. OPERANDS OF "
                          "/SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS: STATE" },
  { "SH-VM-DEV S=P(STATE=AS,STATE=AS)",
    "UMZ0008 OPERAND STATE IN COLUMN 24 GIVEN A SECOND TIME" },
  { "SH-VM-DEV S=P(STATE=AS(VM-ID=12,*E))",
    "UMZ0009 POSITIONAL OPERAND '*E' IN COLUMN 33 AFTER A KEYWORD OPERAND" },
  { "SH-VM-DEV S=P(STATE=AS(USAGE=X))",
    "UMZ0003 OPERAND USAGE IN COLUMN 30: 'X' READ, ALLOWED IS *ANY / *EXCLUSIVE / *SHARED" },
  { "SHUTDOWN-VM *ALL", "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 13: '*ALL' READ, "
                        "ALLOWED IS *VM-GUESTS / " A_VM },
  /* job variables */
  { "SHOW-JV *SUB(A)", "UMZ0005 MANDATORY OPERAND POSITION OF /SHOW-JV "
                       "JV-CONTENTS=*SUBSTRING MISSING" },
  { "SHOW-JV *SUB(A,0)", "UMZ0003 OPERAND POSITION IN COLUMN 16: '0' READ, ALLOWED IS "
                         "<integer 1..256>" },
  { "SHOW-JV *SUB(A,257)", "UMZ0003 OPERAND POSITION IN COLUMN 16: '257' READ, ALLOWED IS "
                           "<integer 1..256>" },
  { "MOD-JV A,5", "UMZ0003 OPERAND SET-VALUE IN COLUMN 10: '5' READ, ALLOWED IS "
                  "<c-string 0..256> / <x-string 2..512>" },
  { "CREATE-JV A,*P(WRITE-PASSWORD='abcde')",
    "UMZ0003 OPERAND WRITE-PASSWORD IN COLUMN 31: 'P' READ, ALLOWED IS " A_PASSWORD },
  /* a secret is not repeated */
  { "MIGRATE-VM 1,JV-P='abcde'", "UMZ0003 OPERAND JV-PASSWORD IN COLUMN 19: 'P' READ, "
                                 "ALLOWED IS " A_PASSWORD },
  { "MIGRATE-VM 1,JV-P=X'123456789'", "UMZ0003 OPERAND JV-PASSWORD IN COLUMN 19: 'P' READ, "
                                      "ALLOWED IS " A_PASSWORD },
  { "MIGRATE-VM 1,JV-P=2147483649", "UMZ0003 OPERAND JV-PASSWORD IN COLUMN 19: 'P' READ, "
                                    "ALLOWED IS " A_PASSWORD },
  /* records, comments, quotes */
  { "MIGRATE-VM 'abc", "UMZ0006 SYNTAX ERROR IN COLUMN 16: '' READ, EXPECTED IS '" },
  { "MIGRATE-VM 'abc''", "UMZ0006 SYNTAX ERROR IN COLUMN 18: '' READ, EXPECTED IS '" },
  { "MIGRATE-VM 1 \"abc", "UMZ0006 SYNTAX ERROR IN COLUMN 18: '' READ, EXPECTED IS \"" },
  { "MIGRATE-VM 1\nMIG 2", "UMZ0006 SYNTAX ERROR IN COLUMN 13: '' READ, EXPECTED IS -" },
  { "MIGRATE-VM 1,-\n/FORCE=1", "UMZ0007 OPERAND 'FORCE' IN COLUMN 2:2 UNKNOWN. OPERANDS OF "
                                "/MIGRATE-VM: " MIGRATE_OPERANDS },
  { "CANCEL 'gr\xc3\xbcn',2", "UMZ0012 TOO MANY OPERANDS FROM COLUMN 15. "
                              "/CANCEL-VM-MIGRATION HAS 1" },
  { "MIGRATE-VM \xff", "UMZ0006 SYNTAX ERROR IN COLUMN 12: '?' READ, EXPECTED IS UTF-8" },
  { "MIGRATE-VM 'a\tb'",
    "UMZ0003 OPERAND VM-IDENTIFICATION IN COLUMN 12: ''a b'' READ, ALLOWED IS " A_VM },
};

static void
explains_bad_input (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *printable = g_strescape (bad[i].input, NULL);
    g_test_message ("%s", printable);
    g_autoptr (UmzCommand) command = parse (bad[i].input, &error);
    g_assert_null (command);
    g_assert_nonnull (error);
    g_assert_cmpstr (error->message, ==, bad[i].message);
  }
}

static void
truncation_at_any_byte_is_harmless (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    for (size_t length = 0; length < strlen (good[i].input); length++) {
      g_autoptr (GError) error = NULL;
      g_autofree char *beginning = g_strndup (good[i].input, length);
      g_autoptr (UmzCommand) command = parse (beginning, &error);
      if (command == NULL)
        g_assert_true (error->domain == UMZ_ERROR);
      else
        g_assert_no_error (error);
    }
  }
}

static void
input_is_limited (void)
{
  g_autoptr (GError) too_long = NULL;
  g_autoptr (GError) fits_error = NULL;
  g_autofree char *fits = g_strdup_printf ("SHOW-JV A%*s", UMZ_SDF_INPUT_BYTES_MAX - 9, "");
  g_autofree char *exceeds = g_strconcat (fits, " ", NULL);
  g_autoptr (UmzCommand) command = parse (fits, &fits_error);

  g_assert_cmpuint (strlen (fits), ==, UMZ_SDF_INPUT_BYTES_MAX);
  g_assert_no_error (fits_error);
  g_assert_nonnull (command);
  g_assert_null (parse (exceeds, &too_long));
  g_assert_error (too_long, UMZ_ERROR, UMZ_MSG_UMZ0011);
}

static void
what_was_read_is_shortened (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *input = g_strdup_printf ("SHOW-JV %0100d-", 0);
  g_assert_null (parse (input, &error));
  g_assert_nonnull (strstr (error->message, "'0000000000000000000000000000000000000000...'"));
}

/* ---- what the getters give ---- */

static void
a_name_keeps_how_it_was_typed (void)
{
  g_autoptr (UmzCommand) command = parse ("CANCEL webServer1", NULL);
  const UmzOperand *vm = umz_command_get (command, "VM-IDENTIFICATION");
  g_assert_cmpint (vm->kind, ==, UMZ_OPERAND_NAME);
  g_assert_cmpstr (vm->text, ==, "WEBSERVER1");
  g_assert_cmpstr (vm->original, ==, "webServer1");
}

static void
a_quoted_number_is_a_name (void)
{
  g_autoptr (UmzCommand) command = parse ("CANCEL '12'", NULL);
  const UmzOperand *vm = umz_command_get (command, "VM-IDENTIFICATION");
  g_assert_cmpint (vm->kind, ==, UMZ_OPERAND_C_STRING);
  g_assert_cmpstr (vm->text, ==, "12");
}

static void
an_integer_has_its_value (void)
{
  g_autoptr (UmzCommand) command = parse ("CANCEL 0012", NULL);
  const UmzOperand *vm = umz_command_get (command, "VM-IDENTIFICATION");
  g_assert_cmpint (vm->kind, ==, UMZ_OPERAND_INTEGER);
  g_assert_cmpint (vm->integer, ==, 12);
}

static void
an_operand_left_out_has_its_default (void)
{
  g_autoptr (UmzCommand) command = parse ("MIGRATE-VM 12", NULL);
  const UmzOperand *su = umz_command_get (command, "SERVER-UNIT-NAME");
  g_assert_cmpint (su->kind, ==, UMZ_OPERAND_CONSTANT);
  g_assert_cmpstr (su->text, ==, "*UNIQUE");
  g_assert_true (su->is_default);
}

static void
a_password_is_given_to_who_needs_it (void)
{
  g_autoptr (UmzCommand) command = parse ("MIGRATE-VM 12,JV-PASSWORD=x'0f'", NULL);
  const UmzOperand *password = umz_command_get (command, "JV-PASSWORD");
  g_assert_cmpint (password->kind, ==, UMZ_OPERAND_X_STRING);
  g_assert_cmpstr (password->text, ==, "0F");
}

/* ---- laws over the table ---- */

static void
commands_are_sorted_and_unique (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 1; i < n_commands; i++)
    g_assert_cmpstr (commands[i - 1].name, <, commands[i].name);
}

static const UmzAlternative *
find_constant (const UmzOperandSpec *spec, const char *constant)
{
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (g_strcmp0 (spec->alternatives[i].constant, constant) == 0)
      return &spec->alternatives[i];
  return NULL;
}

static void check_operands (const UmzOperandSpec *specs, size_t n);

static void
check_alternative (const UmzAlternative *alternative)
{
  if (alternative->kind == UMZ_OPERAND_CONSTANT)
    g_assert_cmpint (alternative->constant[0], ==, '*');
  else
    g_assert_cmpint (alternative->from, <=, alternative->to);
  if (alternative->may_be_omitted)
    g_assert_cmpuint (alternative->n_members, >, 0);
  check_operands (alternative->members, alternative->n_members);
}

static void
check_operands (const UmzOperandSpec *specs, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const UmzOperandSpec *spec = &specs[i];
    g_test_message ("%s", spec->name);
    g_assert_cmpuint (spec->n_alternatives, >, 0);
    g_assert_nonnull (spec->summary);
    for (size_t k = 0; k < spec->n_alternatives; k++)
      check_alternative (&spec->alternatives[k]);
    if (spec->default_value != NULL)
      g_assert_nonnull (find_constant (spec, spec->default_value));
  }
}

static void
the_table_is_sound (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 0; i < n_commands; i++) {
    g_assert_nonnull (commands[i].summary);
    check_operands (commands[i].operands, commands[i].n_operands);
  }
}

static void
an_exact_name_wins (void)
{
  g_assert_cmpint (umz_sdf_match_name ("migrate-vm", "MIGRATE-VM"), ==, UMZ_MATCH_EXACT);
  g_assert_cmpint (umz_sdf_match_name ("MIGRATE-VM", "MIGRATE-VM-DEFINITION"), ==,
                   UMZ_MATCH_ABBREVIATION);
}

static void
subnames_are_cut_on_the_right_only (void)
{
  g_assert_cmpint (umz_sdf_match_name ("M-V-D", "MIGRATE-VM-DEFINITION"), ==,
                   UMZ_MATCH_ABBREVIATION);
  g_assert_cmpint (umz_sdf_match_name ("MIGRATE-DEF", "MIGRATE-VM-DEFINITION"), ==, UMZ_MATCH_NONE);
  g_assert_cmpint (umz_sdf_match_name ("GRATE", "MIGRATE-VM"), ==, UMZ_MATCH_NONE);
  g_assert_cmpint (umz_sdf_match_name ("MIGRATES", "MIGRATE-VM"), ==, UMZ_MATCH_NONE);
  g_assert_cmpint (umz_sdf_match_name ("MIGRATE-", "MIGRATE-VM"), ==, UMZ_MATCH_NONE);
  g_assert_cmpint (umz_sdf_match_name ("", "MIGRATE-VM"), ==, UMZ_MATCH_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdf/understands-good-input", understands_good_input);
  g_test_add_func ("/sdf/explains-bad-input", explains_bad_input);
  g_test_add_func ("/sdf/truncation-at-any-byte-is-harmless", truncation_at_any_byte_is_harmless);
  g_test_add_func ("/sdf/input-is-limited", input_is_limited);
  g_test_add_func ("/sdf/what-was-read-is-shortened", what_was_read_is_shortened);
  g_test_add_func ("/sdf/a-name-keeps-how-it-was-typed", a_name_keeps_how_it_was_typed);
  g_test_add_func ("/sdf/a-quoted-number-is-a-name", a_quoted_number_is_a_name);
  g_test_add_func ("/sdf/an-integer-has-its-value", an_integer_has_its_value);
  g_test_add_func ("/sdf/an-operand-left-out-has-its-default",
                   an_operand_left_out_has_its_default);
  g_test_add_func ("/sdf/a-password-is-given-to-who-needs-it", a_password_is_given_to_who_needs_it);
  g_test_add_func ("/sdf/commands-are-sorted-and-unique", commands_are_sorted_and_unique);
  g_test_add_func ("/sdf/the-table-is-sound", the_table_is_sound);
  g_test_add_func ("/sdf/an-exact-name-wins", an_exact_name_wins);
  g_test_add_func ("/sdf/subnames-are-cut-on-the-right-only", subnames_are_cut_on_the_right_only);
  return g_test_run ();
}
