"""What results say, in English and Chinese: every word that people read."""
