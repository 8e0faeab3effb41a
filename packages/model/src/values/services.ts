import type { ValueList } from './value-list.ts';

/** Ids of services that a customer asks for. Source: facts §7.2. */
export const services: ValueList = {
  year: 2023,
  values: [
    'ConsultingAndProfessional',
    'CustomSolution(ISV)',
    'DeploymentOrMigration',
    'Hardware',
    'Integration',
    'IPServices(ISV)',
    'LearningAndCertification',
    'Licensing',
    'ManagedServices',
    'ProjectServices',
  ],
};
