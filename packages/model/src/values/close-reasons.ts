import type { ValueList } from './value-list.ts';

/** Reasons for declining or losing a referral, in the order of their numbers in the spreadsheets. Source: facts §7.6. */
export const closeReasons: ValueList = {
  year: 2023,
  values: [
    "Project budget isn't adequate",
    "Customer didn't respond",
    'Customer chose another vendor',
    'Customer requirement not met',
    'Not a customer',
    'Proposed timeline was too short',
    'Report as abuse, spam, or phishing',
    'Others',
  ],
};
