"""Addresses of playbooks, gates, cases and work."""

from django.urls import path

from stead.processes.views import cases, library, work

urlpatterns = [
    path("playbooks/", library.playbooks, name="processes_playbooks"),
    path("playbooks/<uuid:playbook_id>/", library.playbook, name="processes_playbook"),
    path("playbooks/write/", library.write, name="processes_playbook_write"),
    path("gates/", library.gates, name="processes_gates"),
    path("gates/ask/", work.ask_to_mend, name="processes_ask_to_mend"),
    path("cases/", cases.board, name="processes_cases"),
    path("cases/<uuid:case_id>/", cases.case, name="processes_case"),
    path("cases/<uuid:case_id>/items/<str:key>/<str:what>/", cases.item, name="processes_item"),
    path("cases/<uuid:case_id>/hand-over/", cases.hand_over, name="processes_hand_over"),
    path("cases/<uuid:case_id>/close/", cases.close, name="processes_close"),
    path("work/", work.mine, name="processes_work"),
    path("work/<uuid:task_id>/done/", work.done, name="processes_task_done"),
]
