import type { Route } from '../route.ts';
import { answerCount } from './count.ts';
import { answerList } from './list.ts';

/** What can be wrong with a condition. */
const filterFailures = [
  'malformedUrl',
  'optionNotAllowed',
  'optionRepeated',
  'expressionMalformed',
  'expressionTooLarge',
  'propertyUnknown',
  'functionUnknown',
  'operandsIncompatible',
  'notFilterable',
  'expressionNotImplemented',
  'queryTimeout',
  'searchNotReady',
] as const;

/** What can be wrong with the options of a list. */
const listFailures = [
  ...filterFailures,
  'optionValueInvalid',
  'notSortable',
  'notAggregatable',
  'skipTokenInvalid',
  'skipTokenMismatch',
  'deltaTokenInvalid',
  'changesUnknown',
  'notTracked',
] as const;

/** In the order in which they are explained. */
const listOptions = [
  '$apply',
  '$filter',
  '$search',
  '$orderby',
  '$top',
  '$skip',
  '$count',
  '$select',
  '$skiptoken',
  '$deltatoken',
] as const;

/** Routes of the collection that read it. */
export const listRoutes: readonly Route[] = [
  {
    name: 'getAllReferrals',
    method: 'GET',
    paths: ['/v1.0/engagements/referrals'],
    access: 'referral.read',
    audience: 'partner',
    sentence: 'Answers the leads and co-sell opportunities that the caller sees, page by page.',
    offers: ['application/json'],
    schema: 'ReferralList',
    failures: listFailures,
    extensions: ['format', 'apply', 'search', 'delta'],
    options: listOptions,
    answer: answerList,
  },
  {
    name: 'countReferrals',
    method: 'GET',
    paths: ['/v1.0/engagements/referrals/$count'],
    access: 'referral.read',
    audience: 'partner',
    sentence: 'Answers how many leads and co-sell opportunities a list has.',
    offers: ['text/plain'],
    tolerates: ['application/json'],
    failures: filterFailures,
    extensions: ['count-path', 'search'],
    isExtension: 'count-path',
    options: ['$filter', '$search'],
    answer: answerCount,
  },
];
