/**
 * CloudWatch Logs Insights, as far as the documents use it: `fields`, `parse` with a regular expression, `filter` with `=` and `or`,
 * `sort @timestamp` and `display`. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */

export interface LogEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

/** An event with its fields: those of its JSON, and those that the query has parsed. */
export type Row = Readonly<Record<string, string | undefined>>;

/** Runs a query. Throws for a command that it does not know. */
export function runQuery(query: string, events: readonly LogEvent[]): Row[] {
  const commands = query.split('\n').map((line) => line.replace(/^\| /, ''));
  return commands.reduce(runCommand, events.map(rowOf));
}

function rowOf({ timestamp, message }: LogEvent): Row {
  const discovered = message.startsWith('{') ? Object.entries(JSON.parse(message)) : [];
  return {
    ...Object.fromEntries(discovered.map(([name, value]) => [name, String(value)])),
    '@timestamp': String(timestamp),
    '@message': message,
  };
}

function runCommand(rows: Row[], command: string): Row[] {
  const [, name, rest = ''] = /^(\w+) (.+)$/.exec(command) ?? [];
  if (name === 'fields') return rows; // it only names columns
  if (name === 'parse') return rows.map((row) => ({ ...row, ...parsed(row, rest) }));
  if (name === 'filter') return rows.filter((row) => rest.split(' or ').some((condition) => holds(row, condition)));
  if (command === 'sort @timestamp') return rows.toSorted((a, b) => Number(a['@timestamp']) - Number(b['@timestamp']));
  if (name === 'display') return rows.map((row) => Object.fromEntries(rest.split(', ').map((one) => [one, row[one]])));
  throw new Error(
    `Got the command ${JSON.stringify(command)}, expected fields, parse, filter, sort @timestamp or display.`,
  );
}

function parsed(row: Row, rest: string): Row {
  const [, field = '', pattern] = /^(\S+) \/(.+)\/$/.exec(rest) ?? [];
  if (pattern === undefined) throw new Error(`Got parse ${rest}, expected a field and a regular expression.`);
  return new RegExp(pattern).exec(row[field] ?? '')?.groups ?? {};
}

function holds(row: Row, condition: string): boolean {
  const [, field = '', value] = /^(\S+) = "([^"]*)"$/.exec(condition) ?? [];
  if (value === undefined) throw new Error(`Got the condition ${condition}, expected a field, = and a text.`);
  return row[field] === value;
}
