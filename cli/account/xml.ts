/** XML as the AWS query protocol has it, read by the parser of AWS's own SDK. */
import { parseXML } from '@aws-sdk/xml-builder';
import * as v from 'valibot';
import { isObject } from '../state/settings.ts';

/** The elements by their names. Text that is no XML counts as an empty document. */
export function parseXml(text: string): unknown {
  try {
    return parseXML(text);
  } catch {
    return {};
  }
}

/** A list: the elements `name` in an element, of which there may be none, one or several. */
export const list = <Item extends v.GenericSchema>(name: string, item: Item) =>
  v.optional(
    v.pipe(
      v.unknown(),
      v.transform((parent) => elements(parent, name)),
      v.array(item),
    ),
    '',
  );

function elements(parent: unknown, name: string): unknown[] {
  const found = isObject(parent) ? parent[name] : undefined;
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}

/** The port of an endpoint. */
export const port = v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1), v.maxValue(65_535));

/** A host's name as it may stand on ssh's command line. */
export const hostName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/, 'Expected a host name'));
