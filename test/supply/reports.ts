/** Reads npm's two reports of the packages that reach Lambda: the bill of materials and the audit. */
import * as v from 'valibot';

/** https://cyclonedx.org/docs/1.5/json/ */
const sbomSchema = v.object({
  bomFormat: v.literal('CycloneDX'),
  components: v.array(
    v.object({
      name: v.string(),
      version: v.string(),
      hashes: v.optional(v.array(v.object({ alg: v.string() })), []),
      licenses: v.optional(v.array(v.looseObject({})), []),
    }),
  ),
});

export interface SbomReport {
  readonly packages: number;
  /** One line for each package without a checksum or a license. */
  readonly problems: readonly string[];
}

/** Throws for anything but a bill of materials in CycloneDX's form. */
export function readSbom(json: unknown): SbomReport {
  const { components } = v.parse(sbomSchema, json);
  const problems = components.flatMap(({ name, version, hashes, licenses }) => [
    ...(hashes.some(({ alg }) => alg === 'SHA-512') ? [] : [`${name} ${version} has no SHA-512 checksum.`]),
    ...(licenses.length > 0 ? [] : [`${name} ${version} names no license.`]),
  ]);
  return { packages: components.length, problems };
}

const auditSchema = v.object({
  vulnerabilities: v.record(
    v.string(),
    v.object({
      severity: v.picklist(['info', 'low', 'moderate', 'high', 'critical']),
      range: v.string(),
      via: v.array(v.union([v.string(), v.object({ title: v.string(), url: v.string() })])),
    }),
  ),
});

const refusalSchema = v.object({ message: v.string() });

export type AuditReport =
  /** The registry answers no audit, and says why. */
  | { readonly refusal: string }
  /** One line for each package with a known hole. `isSerious` from the severity moderate on. */
  | { readonly holes: readonly { readonly line: string; readonly isSerious: boolean }[] };

/** Throws for a report in another form. */
export function readAudit(json: unknown): AuditReport {
  const refusal = v.safeParse(refusalSchema, json);
  if (refusal.success) return { refusal: refusal.output.message };
  const { vulnerabilities } = v.parse(auditSchema, json);
  const holes = Object.entries(vulnerabilities).map(([name, { severity, range, via }]) => {
    const reasons = via.map((one) => (typeof one === 'string' ? `through ${one}` : `${one.title} ${one.url}`));
    return {
      line: `${name} ${range} (${severity}): ${reasons.join('; ')}`,
      isSerious: severity !== 'info' && severity !== 'low',
    };
  });
  return { holes };
}
