/** What ends a word, besides spaces. */
const DELIMITERS: ReadonlySet<string> = new Set('(),=<>!+*/%|&^~;:?-');
/** Longer than any word that is known. */
const MAX_WORD = 64;

/** Words of the language itself. */
const LANGUAGE = `
  all and any as between binary by case char datetime date decimal distinct div else escape except exists from having in
  index intersect interval is join key lateral like limit mod not offset on or over partition regexp rlike row select
  signed some then time union using values varchar when where xor`;
const OF_MANY_ROWS = `
  avg bit_and bit_or bit_xor count dense_rank first_value group_concat json_arrayagg json_objectagg lag last_value lead
  max min ntile rank row_number stddev sum total variance`;
/** And of conditions. */
const OF_NUMBERS = `
  abs ceil ceiling coalesce exp floor greatest if ifnull iif isnull least ln log log10 log2 nullif pow power rand round
  sign sqrt truncate`;
const OF_TEXTS = `
  against ascii cast char_length concat concat_ws convert crc32 elt field find_in_set format hex instr lcase left length
  locate lower lpad ltrim match md5 mid octet_length ord position regexp_instr regexp_like regexp_replace regexp_substr
  repeat replace reverse right rpad rtrim sha1 sha2 strcmp substr substring substring_index trim ucase unhex upper uuid`;
const OF_DATES = `
  adddate curdate current_date current_time current_timestamp curtime date_add date_format date_sub datediff day
  dayofmonth dayofweek dayofyear extract from_unixtime hour julianday last_day makedate maketime microsecond minute month
  now quarter second str_to_date strftime subdate timediff timestamp timestampadd timestampdiff to_days unix_timestamp
  utc_date utc_time utc_timestamp week weekday year`;
/** JSON, places, the server. */
const OF_THE_REST = `
  json_array json_contains json_contains_path json_each json_extract json_keys json_length json_object json_query
  json_search json_type json_unquote json_valid json_value point st_asgeojson st_astext st_contains st_distance
  st_distance_sphere st_geomfromtext st_within st_x st_y database typeof version`;

/** What may stand before "(" in a statement that only reads. Anything else may be a stored function, which may write. */
const READING: ReadonlySet<string> = new Set(
  `${LANGUAGE}${OF_MANY_ROWS}${OF_NUMBERS}${OF_TEXTS}${OF_DATES}${OF_THE_REST}`.trim().split(/\s+/),
);

/**
 * Whether a statement certainly only reads, so that it may be sent twice. Careful rather than clever: a column named
 * `into` makes it false, and so does a function that is not known. What a view calls cannot be seen.
 */
export function isPlainSelect(sql: string): boolean {
  if (!/^[\s(]*select\b/i.test(sql)) return false;
  if (/\b(for|into|lock|nextval|get_lock|release_lock|sleep)\b|:=|;\s*\S|(--|#).*\n\s*\(/i.test(sql)) return false;
  for (let at = sql.indexOf('('); at >= 0; at = sql.indexOf('(', at + 1)) if (!isReading(sql, at)) return false;
  return true;
}

/** Whether what stands before this "(" is nothing, or known. It may be behind a comment: then nobody knows. */
function isReading(sql: string, at: number): boolean {
  const first = Math.max(0, at - MAX_WORD);
  let end = at;
  while (end > first && isSpace(sql, end - 1)) end -= 1;
  let begin = end;
  while (begin > first && !isSpace(sql, begin - 1) && !DELIMITERS.has(sql.charAt(begin - 1))) begin -= 1;
  if (begin < end) return READING.has(sql.slice(begin, end).toLowerCase());
  return !sql.endsWith('*/', end) && (end > first || at < MAX_WORD);
}

function isSpace(sql: string, at: number): boolean {
  const code = sql.charCodeAt(at);
  return code <= 32 || (code > 127 && /\s/.test(sql.charAt(at)));
}
