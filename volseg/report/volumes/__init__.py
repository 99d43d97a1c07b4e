"""What a report says and shows of volumes."""
