-- Every search reads the list of words that were not sorted into the index yet. The usual 4 MB would cost tens of milliseconds under load.
ALTER INDEX "LeadSearch_words_idx" SET (gin_pending_list_limit = 256);
