"""What people ask about archives."""
