import type { ValueList } from './value-list.ts';

/** Ids of products that a customer asks for. Source: facts §7.1. */
export const products: ValueList = {
  year: 2023,
  values: [
    'Azure',
    'EnterpriseMobilityAndSecurity',
    'Exchange',
    'DeveloperTools',
    'Dynamics365Business',
    'Dynamics365Enterprise',
    'DynamicsAX,GP,NAV,SL',
    'Microsoft365',
    'Office',
    'PowerBI',
    'Project',
    'SharePoint',
    'SkypeForBusiness',
    'Surface',
    'SurfaceHub',
    'SQL',
    'Teams',
    'Visio',
    'Windows',
    'Yammer',
  ],
};
