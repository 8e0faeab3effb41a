import type { ValueList } from './value-list.ts';

/** Ids of industries. Source: facts §7.3. */
export const industries: ValueList = {
  year: 2023,
  values: [
    'Agriculture, Forestry, & Fishing',
    'Communications & Media',
    'Education',
    'Financial Services',
    'Government',
    'Healthcare',
    'Hospitality',
    'Manufacturing',
    'Power & Utilities',
    'Public Safety and National Security',
    'Retail & Consumer Goods',
    'Services',
    'Travel & Transportation',
    'Wholesale & Distribution',
  ],
};
