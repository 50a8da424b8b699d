"""Settings of the emulator that the tests of the product still take off, since the client does not know the rule yet.

Each line goes when the client is mended; the emulator's own tests, and whoever runs it, have the strict account.
"""

NOT_YET = {
    "snapshots_need_a_machine": False,  # the plan has to refuse a snapshot of a disk that no machine ever had
    "queues_need_a_stop": False,  # queue_number of an interface on a running machine
    "attach_deletes_auto_snapshots": False,  # delete_auto_snapshot is to be set again after AttachDisk
    "category_changes_take_time": False,  # IncorrectDiskStatus.Transferring means wait
    "downgrade_is_said": False,  # OperatorType=downgrade
    "tokens_keep_failures": False,  # a new token after a conflict
}
