# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialogs that VM2000's documents print, held against what the real system says: the same
characters, apart from times, line breaks and runs of blanks."""

import re

from harness import DONE, claim, equal

LANGUAGES = [dict(language="de"), dict(language="en")]

# CHECK-VM-MIGRATION before and after the conflict was resolved.
CHECK = "/CHECK-VM-MIGRATION VM-ID=12,SERVER-UNIT-NAME=ABGSE501"
CONFLICT = {
    "de": """
% VMS2404 LIVE MIGRATION DER VM (12,VM12PROD) DURCH DIE ZIEL-SU 'ABGSE501' ABGEWIESEN.
  URSACHE: VMS2437,4683
% VMS2461 LIVE MIGRATION DER VM (12,VM12PROD) ZUR ZIEL-SU 'ABGSE501' NICHT MOEGLICH""",
    "en": """
% VMS2404 LIVE MIGRATION OF VM (12,VM12PROD) REJECTED BY TARGET SU 'ABGSE501'.
  REASON: VMS2437,4683
% VMS2461 LIVE MIGRATION OF VM (12,VM12PROD) TO TARGET SU 'ABGSE501' NOT POSSIBLE"""}
EXPLANATION = {
    "de": """
% VMS2437 GERAET '(&00)' KANN DER VIRTUELLEN MASCHINE AUF DER ZIEL-SU NICHT ZUGEWIESEN WERDEN
% ? Das Geraet ist bereits einer anderen VM (exklusiv) zugewiesen.
% (&00): Mnemotechnischer Geraetename
% SU: Server Unit""",
    "en": """
% VMS2437 DEVICE '(&00)' CANNOT BE ASSIGNED TO THE VIRTUAL MACHINE ON THE TARGET SU
% ? The device is already assigned (exclusively) to another VM.
% (&00): mnemonic device name
% SU: server unit"""}
POSSIBLE = {
    "de": "% VMS2460 LIVE MIGRATION DER VM (12,VM12PROD) ZUR ZIEL-SU 'ABGSE501' MOEGLICH",
    "en": "% VMS2460 LIVE MIGRATION OF VM (12,VM12PROD) TO TARGET SU 'ABGSE501' POSSIBLE"}
DEFINITIONS = """
% CPU-POOL(P)
% VM-ID ACT PER HA VM-GROUP(G) PROC MEM-SIZE MAX-IO
% - OSD11TST NO YES NO *STDPOOL(P) 1 512 100
% 12 VM12PROD YES YES NO *STDPOOL(P) 1 2048 100"""

# The two monitor consoles of a migration.
SOURCE = {
    "en": """
MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME=ABGSE701
% VMS2450 LIVE MIGRATION OF VM (12,VM12PROD) TO TARGET SU 'ABGSE701' STARTED
% VMS2452 VM (12,VM12PROD) SUSPENDED AT LIVE MIGRATION TO TARGET SU 'ABGSE701'
% VMS4009 DEVICE 'CS' REMOVED FROM VIRTUAL MACHINE (12,VM12PROD)
% VMS4009 DEVICE 'FAA4' REMOVED FROM VIRTUAL MACHINE (12,VM12PROD)
% VMS4009 DEVICE 'FAA5' REMOVED FROM VIRTUAL MACHINE (12,VM12PROD)
% VMS4024 VIRTUAL MACHINE (12,VM12PROD) TERMINATED
% VMS2451 LIVE MIGRATION OF VM (12,VM12PROD) TO TARGET SU 'ABGSE701' COMPLETED""",
    "de": """
MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME=ABGSE701
% VMS2450 LIVE MIGRATION DER VM (12,VM12PROD) ZUR ZIEL-SU 'ABGSE701' GESTARTET
% VMS2452 VM (12,VM12PROD) BEI LIVE MIGRATION ZUR ZIEL-SU 'ABGSE701' ANGEHALTEN
% VMS4009 GERAET 'CS' DER VIRTUELLEN MASCHINE (12,VM12PROD) ENTZOGEN
% VMS4009 GERAET 'FAA4' DER VIRTUELLEN MASCHINE (12,VM12PROD) ENTZOGEN
% VMS4009 GERAET 'FAA5' DER VIRTUELLEN MASCHINE (12,VM12PROD) ENTZOGEN
% VMS4024 VIRTUELLE MASCHINE (12,VM12PROD) BEENDET
% VMS2451 LIVE MIGRATION DER VM (12,VM12PROD) ZUR ZIEL-SU 'ABGSE701' BEENDET"""}
TARGET = {
    "en": """
% VMS2430 LIVE MIGRATION OF VM (12,VM12PROD) FROM SOURCE SU 'ABGSE501' STARTED
% VMS3050 VIRTUAL MACHINE (12,VM12PROD) CREATED
% VMS4005 DEVICE 'CS' ASSIGNED TO VIRTUAL MACHINE (12,VM12PROD)
% VMS4005 DEVICE 'FAA4' ASSIGNED TO VIRTUAL MACHINE (12,VM12PROD)
% VMS4005 DEVICE 'FAA5' ASSIGNED TO VIRTUAL MACHINE (12,VM12PROD) (TYPE=SD)
% VMS2432 VM (12,VM12PROD) RESUMED AT LIVE MIGRATION FROM SOURCE SU 'ABGSE501'
% VMS2431 LIVE MIGRATION OF VM (12,VM12PROD) FROM SOURCE SU 'ABGSE501' COMPLETED""",
    "de": """
% VMS2430 LIVE MIGRATION DER VM (12,VM12PROD) VON DER QUELL-SU 'ABGSE501' GESTARTET
% VMS3050 VIRTUELLE MASCHINE (12,VM12PROD) EINGERICHTET
% VMS4005 GERAET 'CS' DER VIRTUELLEN MASCHINE (12,VM12PROD) ZUGEORDNET
% VMS4005 GERAET 'FAA4' DER VIRTUELLEN MASCHINE (12,VM12PROD) ZUGEORDNET
% VMS4005 GERAET 'FAA5' DER VIRTUELLEN MASCHINE (12,VM12PROD) ZUGEORDNET (TYPE=SD)
% VMS2432 VM (12,VM12PROD) BEI LIVE MIGRATION VON DER QUELL-SU 'ABGSE501' FORTGESETZT
% VMS2431 LIVE MIGRATION DER VM (12,VM12PROD) VON DER QUELL-SU 'ABGSE501' BEENDET"""}

# The definition of a VM that is not active moves; that of an active one does not.
MOVE = "/MIGRATE-VM-DEFINITION VM-NAME={vm},SERVER-UNIT-NAME=ABGSE501"
MOVED = {
    "de": "% VMS2320 DEFINITION DER VM 'OSD11TST' ZUR ZIEL-SU 'ABGSE501' MIGRIERT",
    "en": "% VMS2320 DEFINITION OF VM 'OSD11TST' MIGRATED TO TARGET SU 'ABGSE501'"}
NOT_MOVED = {
    "de": """% VMS4015 VIRTUELLE MASCHINE (12,VM12PROD) BEREITS INITIALISIERT.
  /MIGRATE-VM-DEFINITION ABGEWIESEN""",
    "en": """% VMS4015 VIRTUAL MACHINE (12,VM12PROD) ALREADY INITIALIZED.
  /MIGRATE-VM-DEFINITION REJECTED"""}

DEFINITION = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>512</memory>
  <os><type arch='s390x' machine='s390-ccw-virtio-7.2'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu-system-s390x</emulator><memballoon model='none'/>{devices}
  </devices></domain>"""


def same(found, expected, what):
    equal(found.split(), expected.split(), what)


def define(lab, su, name, devices=""):
    """A definition that was never started."""
    path = lab.folder / f"{name}.xml"
    path.write_text(DEFINITION.format(name=name, devices=devices))
    lab.run(su, "virsh", "define", str(path))


def say(lab, su, language, command):
    return lab.umzug(su, "--language", language, command).text


def prepare(lab):
    """VM12PROD on ABGSE701, and on ABGSE501 another VM that has its device 4683."""
    if "error" in lab.witness("VM12PROD"):
        lab.guest("VM12PROD", on="ABGSE701", index=12, memory=2048, load="idle",
                  devices=("4683:disk", "CS:console"))
        define(lab, "ABGSE701", "OSD11TST")
    if lab.domain("ABGSE501", "HOLDER") != "running":
        lab.run("ABGSE501", "virsh", "undefine", "HOLDER", check=False)
        lab.guest("HOLDER", on="ABGSE501", index=3, load="idle", devices=("4683:disk",))


@claim("the check's dialog is the document's, {language}: conflict, explanation, cure",
       rows=LANGUAGES)
def check(lab, language):
    prepare(lab)
    letter = language[0].upper()
    same(say(lab, "ABGSE701", language, CHECK), CONFLICT[language], "the conflict")
    same(say(lab, "ABGSE701", language,
             f"/HELP-MSG-INFORMATION MSG-IDENTIFICATION=VMS2437,LANGUAGE={letter}"),
         EXPLANATION[language], "the explanation")
    lab.umzug("ABGSE501", "/DELETE-VM VM-ID=HOLDER,CHECK-VM-STATE=*NO")
    same(say(lab, "ABGSE701", language, CHECK), POSSIBLE[language], "after the cure")


@claim("SHOW-VM-DEFINITION is the document's, {language}", rows=LANGUAGES)
def definitions(lab, language):
    prepare(lab)
    same(say(lab, "ABGSE701", language, "/SHOW-VM-DEFINITION"), DEFINITIONS, "the definitions")


@claim("the dialog of MIGRATE-VM-DEFINITION is the document's, {language}", rows=LANGUAGES)
def definition(lab, language):
    prepare(lab)
    same(say(lab, "ABGSE701", language, MOVE.format(vm="OSD11TST")), MOVED[language], "moved")
    same(say(lab, "ABGSE701", language, MOVE.format(vm="VM12PROD")), NOT_MOVED[language], "not")
    lab.umzug("ABGSE501", "/MIGRATE-VM-DEFINITION OSD11TST")


def console(lab, su, language):
    """The lines of `umzug log`, without their times."""
    text = lab.run(su, "umzug", "--language", language, "log").stdout
    lines = [re.sub(r"^\d{6} ", "", line) for line in text.splitlines()]
    return "\n".join(line for line in lines if "MODIFY-VM-DEFINITION" not in line)


@claim("both monitor consoles of a migration are the document's, in English and in German",
       fresh=True)
def consoles(lab):
    lab.guest("VM12PROD", on="ABGSE501", index=12, devices=("CS:console", "FAA4:disk",
                                                             "FAA5:disk:sd"))
    answer = lab.umzug("ABGSE501", "--wait", "/MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME=ABGSE701")
    equal(answer.status, DONE, answer.text)
    for language in ("en", "de"):
        same(console(lab, "ABGSE501", language), SOURCE[language], f"source, {language}")
        same(console(lab, "ABGSE701", language), TARGET[language], f"target, {language}")
    lab.runs_once("VM12PROD", "ABGSE701")
