"""What is known of securities beside their bars: listings, industries, dividends, suspensions."""
