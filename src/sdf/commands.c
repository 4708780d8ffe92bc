/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* commands.c: the language.  To add a command add a row, in the order of the names. */
#include "sdf/spec.h"

#include "base/text.h"

#define VM_INDEX_MAX           9999
#define VM_NAME_LENGTH_MAX     63  /* without quotes */
#define DOMAIN_NAME_LENGTH_MAX 255 /* in quotes: what libvirt takes */
#define JV_NAME_LENGTH_MAX     54
#define JV_BYTES               256
#define SUSPENSION_MS_MAX      2000000 /* QEMU's downtime-limit */
#define TIME_S_MAX             86400
#define MN_LENGTH_MAX          8  /* VM2000 has 2 and 4; libvirt's names of targets are longer */
#define ALIAS_LENGTH_MAX       64 /* in quotes: libvirt has no limit */
#define WILD_LENGTH_MAX        20
#define LIST_MAX               28
#define CONDITION_LENGTH_MAX   1800 /* as long as BS2000 takes one */
#define TIME_LIMIT_S_MAX       (31 * 24 * 3600)
#define PERIOD_S_MAX           3600

#define ONE_OF(...)                                        \
  .alternatives = (const UmzAlternative[]){ __VA_ARGS__ }, \
  .n_alternatives = sizeof ((const UmzAlternative[]){ __VA_ARGS__ }) / sizeof (UmzAlternative)

#define OPERANDS(...)                                  \
  .operands = (const UmzOperandSpec[]){ __VA_ARGS__ }, \
  .n_operands = sizeof ((const UmzOperandSpec[]){ __VA_ARGS__ }) / sizeof (UmzOperandSpec)

/* clang-format off */
#define CONSTANT(text)          { UMZ_OPERAND_CONSTANT, .constant = text }
#define INTEGER(from, to)       { UMZ_OPERAND_INTEGER, NULL, from, to }
#define NAME(from, to)          { UMZ_OPERAND_NAME, NULL, from, to }
#define WILD_NAME(from, to)     { UMZ_OPERAND_NAME, NULL, from, to, WILD_LENGTH_MAX }
#define WILD_MN                 { UMZ_OPERAND_ALPHANUM_NAME, NULL, 1, MN_LENGTH_MAX, \
                                  WILD_LENGTH_MAX }
#define ALPHANUM_NAME(from, to) { UMZ_OPERAND_ALPHANUM_NAME, NULL, from, to }
#define COMPOSED_NAME(from, to) { UMZ_OPERAND_COMPOSED_NAME, NULL, from, to }
#define FILENAME(from, to)      { UMZ_OPERAND_FILENAME, NULL, from, to }
#define C_STRING(from, to)      { UMZ_OPERAND_C_STRING, NULL, from, to }
#define X_STRING(from, to)      { UMZ_OPERAND_X_STRING, NULL, from, to }
#define CONDITION               { UMZ_OPERAND_CONDITION, NULL, 1, CONDITION_LENGTH_MAX }

/* A constant with a structure behind it; [STRUCTURE] in the manual: the constant may be omitted. */
#define STRUCTURE(text, ...)           { STRUCTURE_OF (text, __VA_ARGS__) }
#define OMISSIBLE_STRUCTURE(text, ...) { STRUCTURE_OF (text, __VA_ARGS__), .may_be_omitted = true }
#define STRUCTURE_OF(text, ...)                                                    \
  UMZ_OPERAND_CONSTANT, .constant = text,                                          \
  .members = (const UmzOperandSpec[]){ __VA_ARGS__ },                              \
  .n_members = sizeof ((const UmzOperandSpec[]){ __VA_ARGS__ }) / sizeof (UmzOperandSpec)

#define A_VM INTEGER (1, VM_INDEX_MAX), NAME (1, VM_NAME_LENGTH_MAX), \
             C_STRING (1, DOMAIN_NAME_LENGTH_MAX)

#define ONE_VM                                                            \
  { "VM-IDENTIFICATION", ONE_OF (A_VM),                                   \
    .summary = "The VM, by index or name." }

#define VM_OR_ALL(all, who)                                               \
  { "VM-IDENTIFICATION", ONE_OF (CONSTANT (all), A_VM),                   \
    .summary = "The VM, by index or name; " all ": " who "." }

#define SOME_VMS INTEGER (1, VM_INDEX_MAX), WILD_NAME (1, VM_NAME_LENGTH_MAX), \
                 C_STRING (1, DOMAIN_NAME_LENGTH_MAX)

#define ALL_VMS                                                           \
  { "VM-IDENTIFICATION", "*ALL", ONE_OF (CONSTANT ("*ALL"), SOME_VMS),    \
    .summary = "The VMs, by index, name or pattern; *ALL for every VM." }

#define DEVICE_RANGE                                                      \
  STRUCTURE ("*DEVICE-RANGE",                                             \
    { "FROM", ONE_OF (ALPHANUM_NAME (1, MN_LENGTH_MAX)),                  \
      .summary = "The first device." },                                   \
    { "TO", ONE_OF (ALPHANUM_NAME (1, MN_LENGTH_MAX)),                    \
      .summary = "The last device, of a name as long." })

/* A name that is no SDF name, as of an alias "ua-my_disk", stands in quotes. */
#define SOME_DEVICES DEVICE_RANGE, WILD_MN, C_STRING (1, ALIAS_LENGTH_MAX)

#define A_DEFINITION                                                      \
  { "VM-NAME", ONE_OF (NAME (1, VM_NAME_LENGTH_MAX), C_STRING (1, DOMAIN_NAME_LENGTH_MAX)), \
    .summary = "The VM, which must not be active." }

#define SOME_MIRRORS                                                      \
  { "VM-NAME", "*ALL",                                                    \
    ONE_OF (CONSTANT ("*ALL"), WILD_NAME (1, VM_NAME_LENGTH_MAX),         \
            C_STRING (1, DOMAIN_NAME_LENGTH_MAX)),                        \
    .summary = "The VMs, by name or pattern; *ALL for every VM." }

#define A_NAMED_VM(operand, who)                                          \
  { operand, ONE_OF (A_VM), .summary = who }

#define SOME_UNITS                                                        \
  { "UNITS", .list_max = LIST_MAX, ONE_OF (SOME_DEVICES),                 \
    .summary = "The devices, by name, pattern or range." }

#define YES_OR_NO(operand, standard, text)                                \
  { operand, standard, ONE_OF (CONSTANT ("*YES"), CONSTANT ("*NO")), .summary = text }

#define JV_NAME FILENAME (1, JV_NAME_LENGTH_MAX)

#define A_PASSWORD CONSTANT ("*NONE"), C_STRING (1, 4), X_STRING (1, 8), \
                   INTEGER (-2147483647, 2147483648)

#define JV_PASSWORD                                                       \
  { "JV-PASSWORD", "*NONE", .is_secret = true, ONE_OF (A_PASSWORD),       \
    .summary = "The password of the job variable." }

#define JV_CONTENTS                                                       \
  { "JV-CONTENTS",                                                        \
    ONE_OF (JV_NAME,                                                      \
      STRUCTURE ("*SUBSTRING",                                            \
        { "JV-NAME", ONE_OF (JV_NAME), .summary = "The job variable." },  \
        { "POSITION", ONE_OF (INTEGER (1, JV_BYTES)),                     \
          .summary = "Its first byte, from 1." },                         \
        { "LENGTH", "*REST-LENGTH",                                       \
          ONE_OF (CONSTANT ("*REST-LENGTH"), INTEGER (1, JV_BYTES)),      \
          .summary = "How many bytes." })),                               \
    .summary = "The job variable, or a part of it." }

#define TARGET_SU                                                         \
  { "SERVER-UNIT-NAME", "*UNIQUE",                                        \
    ONE_OF (CONSTANT ("*UNIQUE"), COMPOSED_NAME (1, UMZ_SU_NAME_LENGTH_MAX)), \
    .summary = "The target SU; *UNIQUE is the only other one." }

static const UmzCommandSpec commands[] = {
  { "ACTIVATE-VM-DEFINITION",
    OPERANDS (A_DEFINITION),
    .summary = "Make a VM of a definition, with its memory and devices, and not start it yet." },

  { "ADD-VM-DEVICES",
    OPERANDS (
      SOME_UNITS,
      ONE_VM,
      { "TYPE", "*NONE", ONE_OF (CONSTANT ("*NONE"), CONSTANT ("*SD")),
        .summary = "*SD: other VMs may have the devices too." }),
    .summary = "Give devices to a VM that no VM has, or that are shared." },

  { "CANCEL-VM-MIGRATION",
    OPERANDS (ONE_VM),
    .summary = "Abort the migration of a VM; it runs on on the source SU." },

  { "CHECK-VM-MIGRATION",
    OPERANDS (ONE_VM, TARGET_SU),
    .summary = "Tell whether a VM could be migrated, and every reason why not." },

  { "CONFIRM-VM-OWNERSHIP",
    OPERANDS (
      A_DEFINITION,
      { "CONFIRMATION", "*NONE",
        ONE_OF (CONSTANT ("*NONE"), COMPOSED_NAME (1, UMZ_SU_NAME_LENGTH_MAX)),
        .summary = "The name of an SU that does not answer; *NONE shows the danger." }),
    .summary = "Let a VM start that is not confirmed since the start of the host." },

  { "CREATE-JV",
    OPERANDS (
      { "JV-NAME", ONE_OF (JV_NAME), .summary = "The new job variable." },
      { "PROTECTION", "*STD",
        ONE_OF (CONSTANT ("*STD"),
          STRUCTURE ("*PARAMETERS",
            { "WRITE-PASSWORD", "*NONE", .is_secret = true, ONE_OF (A_PASSWORD),
              .summary = "Who changes it has to give this password." })),
        .summary = "*STD: everybody who may give commands may change it." }),
    .summary = "Make a job variable of 256 blanks." },

  { "DELETE-JV",
    OPERANDS (
      { "JV-NAME", ONE_OF (JV_NAME), .summary = "The job variable." },
      JV_PASSWORD),
    .summary = "Delete a job variable that monitors nothing." },

  { "DELETE-VM",
    OPERANDS (
      VM_OR_ALL ("*ALL", "all of them"),
      YES_OR_NO ("CHECK-VM-STATE", "*YES",
                 "*YES: only if it is down or was not started; *NO: its guest is killed.")),
    .summary = "End a VM and free its memory and devices; its definition stays." },

  { "DELETE-VM-DEFINITION",
    OPERANDS (A_DEFINITION),
    .summary = "Delete the definition of a VM." },

  { "DELETE-VM-MIRROR",
    OPERANDS (SOME_MIRRORS),
    .summary = "Delete what this SU has kept of the memory of VMs that have moved." },

  { "HELP-MSG-INFORMATION",
    OPERANDS (
      { "MSG-IDENTIFICATION", ONE_OF (NAME (7, 7)),
        .summary = "The code of the message." },
      { "LANGUAGE", "*STD", ONE_OF (CONSTANT ("*STD"), NAME (1, 1)),
        .summary = "D or E; *STD is the language of the answer." }),
    .summary = "Explain a message: what it means and what to do." },

  { "HOLD-VM",
    OPERANDS (VM_OR_ALL ("*ALL", "all that run")),
    .summary = "Suspend VMs; SU /390 only." },

  { "MIGRATE-VM",
    OPERANDS (
      ONE_VM,
      TARGET_SU,
      { "MONJV", "*NONE",
        ONE_OF (CONSTANT ("*NONE"), FILENAME (1, JV_NAME_LENGTH_MAX)),
        .summary = "The job variable that monitors the migration." },
      JV_PASSWORD,
      { "MAX-SUSPENSION", "*STD", ONE_OF (CONSTANT ("*STD"), INTEGER (1, SUSPENSION_MS_MAX)),
        .summary = "Milliseconds that the guest may stand still; *STD: 300." },
      { "MAX-TIME", "*STD", ONE_OF (CONSTANT ("*STD"), INTEGER (1, TIME_S_MAX)),
        .summary = "Seconds until its last suspension, else it is undone; *STD: no limit." },
      { "ENGINE", "*STD", ONE_OF (CONSTANT ("*STD"), CONSTANT ("*VM2000"), CONSTANT ("*X2000")),
        .summary = "*VM2000: memory is coded; *X2000: it is not; *STD: as the SU's type." },
      { "NON-CONVERGENCE", "*STD",
        ONE_OF (CONSTANT ("*STD"), CONSTANT ("*ABORT"), CONSTANT ("*SUSPEND")),
        .summary = "A guest that changes too much: undo, or suspend it; *STD: as the SU's type." }),
    .summary = "Move a VM to another SU while its guest runs." },

  { "MIGRATE-VM-DEFINITION",
    OPERANDS (A_DEFINITION, TARGET_SU),
    .summary = "Move the definition of a VM to another SU." },

  { "MODIFY-JV",
    OPERANDS (
      JV_CONTENTS,
      { "SET-VALUE", ONE_OF (C_STRING (0, JV_BYTES), X_STRING (2, 2 * JV_BYTES)),
        .summary = "The new value; blanks follow a shorter one." },
      JV_PASSWORD),
    .summary = "Change a job variable, or a part of it." },

  { "MODIFY-VM-DEFINITION",
    OPERANDS (
      A_DEFINITION,
      { "VM-INDEX", "*UNCHANGED",
        ONE_OF (CONSTANT ("*UNCHANGED"), CONSTANT ("*ANY"), INTEGER (2, VM_INDEX_MAX)),
        .summary = "Its index from now on; *ANY: the next free one each time." }),
    .summary = "Change the definition of a VM." },

  { "RECOVER-VM-DEFINITION",
    OPERANDS (
      { "VM-NAME", ONE_OF (NAME (1, VM_NAME_LENGTH_MAX), C_STRING (1, DOMAIN_NAME_LENGTH_MAX)),
        .summary = "The VM whose definition is taken over." },
      { "SERVER-UNIT-NAME", "*UNIQUE",
        ONE_OF (CONSTANT ("*UNIQUE"), COMPOSED_NAME (1, UMZ_SU_NAME_LENGTH_MAX)),
        .summary = "The SU that is down; *UNIQUE is the only other one." }),
    .summary = "Take over the definition of a VM of an SU that is down." },

  { "REMOVE-VM-DEVICES",
    OPERANDS (
      { "UNITS", .list_max = LIST_MAX, ONE_OF (CONSTANT ("*ALL"), SOME_DEVICES),
        .summary = "The devices, by name, pattern or range." },
      ONE_VM,
      YES_OR_NO ("FORCE", "*NO", "*YES: the guest is not asked whether it still uses them.")),
    .summary = "Take devices away from a VM." },

  { "RESOLVE-VM-MIGRATION",
    OPERANDS (
      ONE_VM,
      { "DECISION",
        ONE_OF (CONSTANT ("*COLD"), CONSTANT ("*RESUME"), CONSTANT ("*THAW"),
                CONSTANT ("*DISCARD")),
        .summary = "*COLD: the copy here is destroyed, the guest starts from its disks; *RESUME: "
                   "the copy here goes on; *THAW: the frozen guest goes on here; *DISCARD: what is "
                   "here of it is destroyed, for the other SU has the guest." },
      { "CONFIRMATION", "*NONE",
        ONE_OF (CONSTANT ("*NONE"), COMPOSED_NAME (1, UMZ_SU_NAME_LENGTH_MAX)),
        .summary = "The name of the other SU; *NONE shows the danger." }),
    .summary = "Decide what is in doubt, for the other SU does not answer, or has forgotten it." },

  { "RESUME-VM",
    OPERANDS (VM_OR_ALL ("*ALL", "all that are held")),
    .summary = "Let VMs go on that were suspended; SU /390 only." },

  { "SHOW-JV",
    OPERANDS (
      JV_CONTENTS),
    .summary = "Show the value of a job variable, or a part of it." },

  { "SHOW-JV-ATTRIBUTES",
    OPERANDS (
      { "JV-NAME", "*ALL",
        ONE_OF (CONSTANT ("*ALL"),
                { UMZ_OPERAND_FILENAME, NULL, 1, JV_NAME_LENGTH_MAX, JV_NAME_LENGTH_MAX }),
        .summary = "The job variables, by name or pattern." }),
    .summary = "Show which job variables there are." },

  { "SHOW-SU-CLUSTER",
    .summary = "Show the SUs of the cluster, and which of them answer." },

  { "SHOW-VM-ATTRIBUTES",
    OPERANDS (
      { "INFORMATION", "*STD",
        ONE_OF (CONSTANT ("*STD"), CONSTANT ("*CPU"), CONSTANT ("*UNITS"), CONSTANT ("*MEMORY"),
                CONSTANT ("*MONJV"), CONSTANT ("*ALL")),
        .summary = "What to show: the main attributes, or what the word says, or all." },
      ALL_VMS),
    .summary = "Show VMs with their attributes and states." },

  { "SHOW-VM-DEFINITION",
    OPERANDS (
      { "VM-NAME", "*ALL",
        ONE_OF (CONSTANT ("*ALL"), WILD_NAME (1, VM_NAME_LENGTH_MAX),
                C_STRING (1, DOMAIN_NAME_LENGTH_MAX)),
        .summary = "The VMs, by name or pattern." },
      { "INFORMATION", "*STD",
        ONE_OF (CONSTANT ("*STD"), CONSTANT ("*CPU"), CONSTANT ("*MEMORY"), CONSTANT ("*IPL"),
                CONSTANT ("*UNITS"), CONSTANT ("*ALL")),
        .summary = "What to show: the main attributes, or what the word says, or all." },
      { "SERVER-UNIT-NAME", "*LOCAL",
        ONE_OF (CONSTANT ("*LOCAL"), CONSTANT ("*REMOTE"),
                COMPOSED_NAME (1, UMZ_SU_NAME_LENGTH_MAX)),
        .summary = "Of which SU: of others (*REMOTE: of all) names and states as last told." }),
    .summary = "Show the definitions of VMs, active or not." },

  { "SHOW-VM-DEVICE-STATUS",
    OPERANDS (
      { "UNITS", "*ALL", .list_max = LIST_MAX,
        ONE_OF (CONSTANT ("*ALL"), SOME_DEVICES),
        .summary = "The devices, by name, pattern or range." },
      { "SELECT", "*PARAMETERS",
        ONE_OF (OMISSIBLE_STRUCTURE ("*PARAMETERS",
          { "STATE", "*ANY",
            ONE_OF (CONSTANT ("*ANY"),
              STRUCTURE ("*ASSIGNED",
                { "USAGE", "*ANY",
                  ONE_OF (CONSTANT ("*ANY"), CONSTANT ("*EXCLUSIVE"), CONSTANT ("*SHARED")),
                  .summary = "How the VM uses the device." },
                { "VM-IDENTIFICATION", "*ANY", ONE_OF (CONSTANT ("*ANY"), SOME_VMS),
                  .summary = "The VM that has it." }),
              CONSTANT ("*DISPOSABLE")),
            .summary = "In which state: assigned to a VM, or free to be assigned." })),
        .summary = "Which of them." }),
    .summary = "Show devices, and which VM has them." },

  { "SHOW-VM-MIGRATION",
    OPERANDS (
      ALL_VMS,
      { "INFORMATION", "*STD", ONE_OF (CONSTANT ("*STD"), CONSTANT ("*ALL")),
        .summary = "*ALL: with the cause of the end, and how the memory was sent." }),
    .summary = "Show the migrations of VMs, running and past, with their figures." },

  { "SHOW-VM-MIRROR",
    OPERANDS (SOME_MIRRORS),
    .summary = "Show what this SU has kept of the memory of VMs that have moved." },

  { "SHOW-VM-RESOURCES",
    OPERANDS (
      { "INFORMATION", "*STD",
        ONE_OF (CONSTANT ("*STD"), CONSTANT ("*CPU"), CONSTANT ("*UNITS"), CONSTANT ("*MEMORY"),
                CONSTANT ("*MONJV"), CONSTANT ("*CONFIGURATION"), CONSTANT ("*ALL")),
        .summary = "What to show; *ALL is all but *CONFIGURATION." }),
    .summary = "Show what the SU has, and what its VMs use of it." },

  { "SHOW-VM-STATUS",
    OPERANDS (
      ALL_VMS,
      { "PERIOD", "*RECENT",
        ONE_OF (
          STRUCTURE ("*RECENT",
            { "MINUTES", "*LAST", ONE_OF (CONSTANT ("*LAST"), INTEGER (1, 60)),
              .summary = "The mean of so many minutes; *LAST: since the last look." }),
          INTEGER (1, PERIOD_S_MAX)),
        .summary = "Once, or again each time so many seconds have passed." }),
    .summary = "Show what VMs use: CPU, memory, and how fast they change it." },

  { "SHUTDOWN-VM",
    OPERANDS (VM_OR_ALL ("*VM-GUESTS", "all that run")),
    .summary = "Ask the guests of VMs to shut down." },

  { "START-VM",
    OPERANDS (
      ONE_VM,
      { "HOLD", "*NO", ONE_OF (CONSTANT ("*NO"), CONSTANT ("*YES")),
        .summary = "*YES: it stands still until RESUME-VM; SU /390 only." }),
    .summary = "Start a VM that is down or was not started yet." },

  { "SWITCH-VM-DEVICES",
    OPERANDS (
      SOME_UNITS,
      A_NAMED_VM ("FROM-VM", "The VM that has the devices."),
      A_NAMED_VM ("TO-VM", "The VM that gets them."),
      YES_OR_NO ("FORCE", "*NO", "*YES: the guest is not asked whether it still uses them.")),
    .summary = "Take devices away from a VM and give them to another." },

  { "WAIT-EVENT",
    OPERANDS (
      { "UNTIL",
        ONE_OF (OMISSIBLE_STRUCTURE ("*JV",
          { "CONDITION", ONE_OF (CONDITION),
            .summary = "What has to be true: (JV,position,length)='text', AND, OR, NOT." },
          { "TIME-LIMIT", "*UNLIMITED",
            ONE_OF (CONSTANT ("*UNLIMITED"), INTEGER (1, TIME_LIMIT_S_MAX)),
            .summary = "How many seconds to wait at most." },
          YES_OR_NO ("CHECK-CURRENT-VALUE", "*YES",
                     "*NO: it is true only after a job variable has changed."))),
        .summary = "The job variables to wait for." }),
    .summary = "Wait until job variables have certain values." },
};
/* clang-format on */

const UmzCommandSpec *
umz_sdf_get_commands (size_t *ret_n_commands)
{
  *ret_n_commands = G_N_ELEMENTS (commands);
  return commands;
}
