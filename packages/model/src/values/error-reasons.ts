import type { ValueList } from './value-list.ts';

/** Reasons for closing a referral as an error. Source: facts §7.7. */
export const errorReasons: ValueList = {
  year: 2023,
  values: [
    'Duplicate – created through bulk upload',
    'Duplicate – created in Partner Center',
    'Duplicate – sent by Microsoft',
    'Connector data sync issues',
    'Customer matching issues',
    'Solution issues – explain in notes',
    'Test referral',
    'Data error',
    'Others – explain in notes',
  ],
};
