/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-desk.h: for tests: an operator's desk at which commands are given, and what they answer.
 *
 * A test is a dialog: a table of steps, each a command and what it must end with, say and show.
 * So a step sees what the steps before it have done.
 */
#pragma once

#include "commands/commands.h"
#include "su/test-site.h"

/* What a command has answered.  All of it is owned. */
typedef struct {
  char *command; /* its full name, or "" if that is not known */
  char *end;     /* "0 64 VMS4000": SC2, SC1 and main code */
  char *said;    /* "VMS2000 VMS9005": the codes of its messages; "" for none */
  char *lines;   /* one below the other */
  char *data;    /* JSON */
  char *move;    /* id of the move that was begun, or "" */
  unsigned again_ms;
  char *resume; /* goes along when it is given again */
} UmzTestAnswer;

void umz_test_answer_free (UmzTestAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzTestAnswer, umz_test_answer_free)

/* As administrator TSOS, in English. */
UmzTestAnswer *umz_test_desk_give (UmzApp *app, const char *command);

/* The same by whom the caller has written into the reply, which is taken. */
UmzTestAnswer *umz_test_desk_give_by (UmzReply *reply, const char *command);

typedef struct {
  const char *command;
  const char *end;   /* NULL: "0 0 CMD0001" */
  const char *said;  /* NULL: nothing */
  const char *shows; /* is in its lines; NULL: whatever they are */
  const char *hides; /* is not */
  const char *fails; /* a function of libvirt here, which fails once */
} UmzTestStep;

/* Gives the commands here, one after the other. */
void umz_test_desk_play (UmzTestSite *site, const UmzTestStep *steps, size_t n_steps);
