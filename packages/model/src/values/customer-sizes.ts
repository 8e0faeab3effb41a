import type { ValueList } from './value-list.ts';

/** Sizes of a customer; two overlapping generations. Source: facts §7.5. */
export const customerSizes: ValueList = {
  year: 2023,
  values: [
    '1to50employees',
    '51to500employees',
    'Morethan500employees',
    '1to9employees',
    '10to50employees',
    '51to250employees',
    '251to1000employees',
    '1001to5000employees',
    '5001to10000employees',
    '10001to20000employees',
    'Morethan20000employees',
  ],
};
