/** The functions of OData URL Conventions 4.01, sections 5.1.1.5 to 5.1.1.11, in lower case. */
export const functionNames: ReadonlySet<string> = new Set([
  'concat', 'contains', 'endswith', 'indexof', 'length', 'startswith', 'substring', 'matchespattern', 'tolower', 'toupper',
  'trim', 'hassubset', 'hassubsequence', 'date', 'day', 'fractionalseconds', 'hour', 'maxdatetime', 'mindatetime', 'minute',
  'month', 'now', 'second', 'time', 'totaloffsetminutes', 'totalseconds', 'year', 'ceiling', 'floor', 'round', 'cast', 'isof',
  'case', 'geo.distance', 'geo.intersects', 'geo.length',
]); // biome-ignore format: a list of words
