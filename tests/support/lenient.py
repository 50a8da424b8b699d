"""Settings of the emulator that the survival tests take off: rules that only make their sweeps longer.

The kinds' own tests, the emulator's, and whoever runs it, have the strict account.
"""

NOT_YET = {
    "snapshots_need_a_machine": False,  # the plan has to refuse a snapshot of a disk that no machine ever had
    "queues_need_a_stop": False,  # queue_number of an interface on a running machine
    "attach_deletes_auto_snapshots": False,  # delete_auto_snapshot is to be set again after AttachDisk
    "category_changes_take_time": False,  # IncorrectDiskStatus.Transferring means wait
    "downgrade_is_said": False,  # OperatorType=downgrade
    "tokens_keep_failures": False,  # a new token after a conflict
}
