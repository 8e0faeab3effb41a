-- Which referrals are leads from the marketplace, for lists that leave them out. Few rows are, so others cost nothing.
-- Without it a list of most of an exchange may read all documents to learn that.
create index referral_documents_by_lead on referral_documents (organization_id, id) where is_marketplace_lead = 1;
