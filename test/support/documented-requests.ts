/** The requests of the documentation, letter by letter (facts §18.1 to §18.3 and §18.5). */
import { alias, collection, documented } from './answers.ts';

/** What the documentation sends, or real clients do, with its headers (decision 27). */
export const documentedReads: readonly (readonly [path: string, headers: Readonly<Record<string, string>>])[] = [
  [`${collection}/${documented}`, {}],
  [`${collection}/${documented}`, { accept: 'application/json', 'content-type': 'application/json' }],
  [`${collection}/${documented}`, { 'client-request-id': '9f8bed52-e4df-4d0c-9ca6-929a187b0731' }],
  [`${collection}/${documented}`, { host: 'api.partner.microsoft.com' }],
  [`${collection}/${documented}`, { 'if-none-match': '"2500ec5a-0000-0000-0000-5bf4967d0000"' }],
  [`${collection}/${documented}`, { 'X-Caller-Id': '60858c1b-2062-40ad-b42c-996b6b5b047d', 'MS-CorrelationId': 'x' }],
  [`${collection}/${documented}`, { accept: 'application/json;odata=verbose', prefer: 'return=representation' }],
  [`${collection}('${documented}')`, {}],
  [`${collection}/${documented}//`, {}],
  [`${alias}/${documented}`, {}],
  [`${collection}/4111fffc-f9ee-4d53-bba6-569135228642`, {}],
  [`${collection}/49d90c72-3326-4f61-aacc-2cb57970448c`, {}],
  [`${collection}/d3c2b1a0-9f8e-4d7c-8b6a-594837261504`, {}],
  [`${collection}/00000000-0000-4000-8000-000000000000`, {}],
  [`${collection}/6b5a4938-2716-4504-93f2-e1d0c9b8a796`, {}],
  [`${collection}/${documented}?$expand=x`, {}],
  [`${collection}/${documented}`, { accept: 'text/html' }],
  [collection, {}],
  [`${collection}?$filter=status%20eq%20'New'%20and%20qualification%20eq%20'SalesQualified'`, {}],
  [`${collection}?$filter=customerProfile/address/country%20eq%20'US'%20and%20direction%20eq%20'Incoming'`, {}],
  [`${collection}?$filter=type%20eq%20'Shared'%20and%20direction%20eq%20'Incoming'`, {}],
  [`${collection}?$filter=engagementId%20eq%20'65edc0b5-3485-41b7-a17e-dfa9ef4706e2'`, {}],
  [`${collection}?$filter=team/any(t:t/email%20eq%20'john.doe@contoso.com')&$orderby=createdDateTime%20desc`, {}],
  [`${collection}?$orderby=updatedDateTime%20desc&$top=2`, {}],
  [`${collection}?$select=id,status,customerProfile&$top=10&$skip=1&$count=true`, {}],
  [`${collection}?$filter=nothing%20eq%201`, {}],
];

/** A private deal, in the mixed casing of the page. */
export const privateDeal = `{
  "name": "Contoso Test Deal - [Private]",
  "qualification": "SalesQualified",
  "type": "Independent",
  "customerProfile": {
    "name": "Contoso Customer Inc",
    "address": { "addressLine1": "One Microsoft Way", "addressLine2": "34", "city": "Redmond", "state": "WA", "postalCode": "98052", "country": "US" },
    "size": "10to50employees",
    "team": [ { "firstName": "Sue", "lastName": "Smith", "phoneNumber": "1234567890", "email": "sue.smith@contoso.com" } ]
  },
  "consent": {
    "ConsentToToShareInfoWithOthers": true,
    "ConsentToContact": true,
    "ConsentToMicrosoftToContactSpecificPartners": true,
    "consentToShareReferralWithMicrosoftSellers": false
  },
  "details": {
    "notes": "Customer is looking to leverage Dynamics 365 to manage their supply chain.",
    "dealValue": 50000,
    "currency": "USD",
    "closingDateTime": "2024-11-14T00:00:00Z",
    "requirements": {
      "solutions": [ { "type": "Name", "id": "SOL-15974-MQF", "name": "Contoso-Ale_Test", "publisherName": "Contoso_Test", "solutionType": "3P" } ],
      "additionalRequirements": { "iot": {}, "attributes": [ { "id": "HaveNotDecided", "type": "CustomerMarketplaceIntent" } ] }
    }
  },
  "team": [ { "firstName": "John", "lastName": "Doe", "phoneNumber": "1231231234", "email": "john.doe@contoso.com" } ],
  "target": []
}`;

/** A partner-led deal. */
export const partnerLedDeal = `{
  "name": "Contoso Test Deal - [Partner-led]",
  "externalReferenceId": "CRM-0042",
  "qualification": "SalesQualified",
  "type": "Independent",
  "customerProfile": {
    "name": "Fabrikam Inc",
    "address": { "addressLine1": "1 Fabrikam Plaza", "addressLine2": "", "city": "London", "state": "", "postalCode": "EC1A 1BB", "country": "GB", "region": "" },
    "size": "251to1000employees",
    "team": [],
    "ids": [ { "profileType": "Duns", "id": "795986822" } ]
  },
  "consent": { "consentToToShareInfoWithOthers": true, "consentToContact": true, "consentToShareReferralWithMicrosoftSellers": true },
  "details": {
    "notes": "Partner-led migration", "dealValue": 30000, "currency": "GBP", "closingDateTime": "2025-06-30T00:00:00Z",
    "requirements": {
      "industries": [ { "id": "Manufacturing" } ], "products": [ { "id": "Azure" } ], "services": [ { "id": "DeploymentOrMigration" } ],
      "solutions": [ { "type": "Name", "id": "SOL-34104-EBB", "name": "Contoso Migrate" } ],
      "additionalRequirements": { "attributes": [ { "type": "CustomerMarketplaceIntent", "id": "Yes" } ] }
    }
  },
  "team": [ { "firstName": "John", "lastName": "Doe", "phoneNumber": "1231231234", "email": "john.doe@contoso.com" } ],
  "inviteContext": { "notes": null, "assistanceRequestCode": "Unknown" },
  "target": []
}`;

/** A co-sell deal with Microsoft's help, step 1: the partner's own referral. */
export const coSellDeal = `{
  "name": "Test Cosell Invite_20",
  "status": "New", "substatus": "Pending",
  "qualification": "SalesQualified",
  "type": "Shared",
  "target": [ { "type": "SolutionProfile", "id": "SOL-34104-EBB" } ],
  "customerProfile": {
    "name": "Contoso Customer Inc",
    "address": { "addressLine1": "One Microsoft Way", "addressLine2": "34", "city": "Redmond", "state": "WA", "postalCode": "98052", "country": "US" },
    "size": "10to50employees",
    "team": [ { "contactPreference": { "locale": "en-us", "disableNotifications": false }, "firstName": "Sue", "lastName": "Smith", "phoneNumber": "1234567890", "email": "sue.smith@contoso.com" } ],
    "ids": []
  },
  "consent": { "consentToToShareInfoWithOthers": true, "consentToContact": true, "consentToShareReferralWithMicrosoftSellers": true },
  "details": {
    "notes": "Customer is looking to leverage Dynamics 365 to manage their supply chain.",
    "dealValue": 50000, "currency": "USD", "closingDateTime": "2025-11-14T00:00:00Z",
    "requirements": {
      "industries": [ { "id": "Manufacturing" } ], "products": [ { "id": "Dynamics365Enterprise" } ], "services": [ { "id": "DeploymentOrMigration" } ],
      "solutions": [ { "name": "Contoso Supply", "type": "Name", "id": "SOL-34104-EBB" } ]
    }
  },
  "team": [ { "contactPreference": { "locale": "en-us", "disableNotifications": false }, "firstName": "John", "lastName": "Doe", "phoneNumber": "1231231234", "email": "john.doe@contoso.com" } ],
  "inviteContext": { "notes": "Please help us with a POC for this customer", "assistanceRequestCode": "ProofOfConceptOrDemo" }
}`;

/** Step 2: Microsoft's referral, in the engagement that the first answer named. */
export function microsoftsRecord(engagementId: string): string {
  return `{
  "engagementId": "${engagementId}",
  "name": "Test Cosell Invite_20",
  "qualification": "SalesQualified",
  "type": "Shared",
  "target": [ { "type": "BusinessProfileLocation", "id": "msft" } ],
  "customerProfile": { "name": "Contoso Customer Inc", "address": { "addressLine1": "One Microsoft Way", "city": "Redmond", "state": "WA", "postalCode": "98052", "country": "US" }, "team": [ { "firstName": "Sue", "lastName": "Smith", "phoneNumber": "1234567890", "email": "sue.smith@contoso.com" } ] },
  "consent": { "consentToToShareInfoWithOthers": true, "consentToContact": true, "consentToShareReferralWithMicrosoftSellers": true },
  "details": { "notes": "Please help us with a POC", "dealValue": 50000, "currency": "USD", "closingDateTime": "2025-11-14T00:00:00Z", "requirements": { "solutions": [ { "name": "Contoso Supply", "type": "Name", "id": "SOL-34104-EBB" } ] } },
  "team": [ { "firstName": "John", "lastName": "Doe", "phoneNumber": "1231231234", "email": "john.doe@contoso.com" } ],
  "inviteContext": { "notes": "Please help us with a POC for this customer", "assistanceRequestCode": "ProofOfConceptOrDemo" }
}`;
}

/** The documented patches. */
export const patches = {
  valueAndMember: `[ { "op": "replace", "path": "/details/dealValue", "value": "10000" },
  { "op": "add", "path": "/team/-", "value": { "email": "jane.doe@contoso.com", "firstName": "Jane", "lastName": "Doe", "phoneNumber": "0000000001" } } ]`,
  valueAndNotes:
    '[ {"op":"replace","path":"/details/dealValue","value":"10000"}, {"op":"replace","path":"/details/notes","value":"Lorem ipsum dolor sit amet."} ]',
  won: '[ {"op":"replace","path":"/status","value":"Closed"}, {"op":"replace","path":"/substatus","value":"Won"} ]',
  accept:
    '[ {"op":"replace","path":"/status","value":"Active"}, {"op":"replace","path":"/substatus","value":"Accepted"} ]',
  decline: `[ {"op":"replace","path":"/status","value":"Closed"}, {"op":"replace","path":"/substatus","value":"Declined"}, {"op":"replace","path":"/statusReason","value":"Customer didn't respond"} ]`,
  upgrade:
    '[ {"op":"replace","path":"/consent/consentToShareReferralWithMicrosoftSellers","value":true}, {"op":"replace","path":"/salesStage","value":"40"} ]',
  register: `[ { "op": "add", "path": "/registrations/-", "value": {
    "type": "AzureIPCoSell",
    "solutionDetails": [ { "id": "SOL-34104-EBB", "currency": "USD", "value": 45000, "isDeployedOnAzure": true, "primaryDeploymentOn": "Customer", "pricingModel": "Other",
      "marketplaceTransactionDetails": { "isMarketplaceTransacted": false, "marketplaceTransactionDateTime": null } } ],
    "contract": { "currency": "USD", "value": 50000, "term": "Finite", "startDateTime": "2025-03-01T00:00:00Z", "endDateTime": "2026-03-01T00:00:00Z", "signDateTime": "2025-02-28T00:00:00Z" } } } ]`,
} as const;

/** A deal with no more than what must be there (decision 29). */
export const leastDeal = () => ({
  type: 'Independent',
  customerProfile: { name: 'Fabrikam Inc', address: { country: 'GB' } } as Json,
  consent: {} as Json,
  details: {} as Json,
});

/** Any JSON object, to be changed by a test. */
export type Json = { [name: string]: unknown };
