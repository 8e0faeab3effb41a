import type { ValueList } from './value-list.ts';

/** Labels of partner roles in services co-sell; the wire ids are not published. Source: facts §6.14. */
export const partnerRoles: ValueList = {
  year: 2025,
  values: [
    'Presales envisioning',
    'Solution design',
    'Proof of concept',
    'Business strategy',
    'Deployment services',
    'Adoption and change management',
    'Transaction',
    'Managed services',
  ],
};
