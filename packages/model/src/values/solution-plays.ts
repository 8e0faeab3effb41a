import type { ValueList } from './value-list.ts';

/** Labels of solution plays. Source: facts §6.15. */
export const solutionPlays: ValueList = {
  year: 2026,
  values: [
    'Copilot and Agents at Work',
    'Innovate with Low Code AI and Agents',
    'Sales Transformation with AI',
    'Service Transformation with AI',
    'ERP Transformation with AI',
    'Scale Business Operations with AI',
    'AI Ready with Surface Copilot PCs',
    'Secure AI Productivity',
    'Converged Communications',
    'Migrate and Modernize Your Estate',
    'Innovate with Azure AI Apps and Agents',
    'Unify Your Data Platform',
    'Scale with Cloud and AI Endpoints',
    'Modern SecOps with Unified Platform',
    'Data Security',
    'Protect Cloud AI Platform and Apps',
  ],
};
