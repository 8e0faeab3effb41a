using { cosell.bench as db } from '../db/schema';

service ReferralService {
  @readonly
  entity Referrals as projection on db.Referrals;
}
