import { describe, expect, it } from 'vitest';
import { readAudit, readSbom } from './reports.ts';

describe('a bill of materials', () => {
  const sha512 = [{ alg: 'SHA-512', content: '00' }];
  const mit = [{ license: { id: 'MIT' } }];
  const billOf = (...components: object[]) => ({ bomFormat: 'CycloneDX', specVersion: '1.5', components });

  it('without a problem is counted', () => {
    const bill = billOf({ name: 'valibot', version: '1.5.0', hashes: sha512, licenses: mit });
    expect(readSbom(bill)).toEqual({ packages: 1, problems: [] });
  });

  it('tells of each package without a checksum or a license', () => {
    const bill = billOf(
      { name: 'a', version: '1.0.0', licenses: mit },
      { name: 'b', version: '2.0.0', hashes: [{ alg: 'SHA-1' }], licenses: mit },
      { name: 'c', version: '3.0.0', hashes: sha512 },
    );
    expect(readSbom(bill)).toEqual({
      packages: 3,
      problems: ['a 1.0.0 has no SHA-512 checksum.', 'b 2.0.0 has no SHA-512 checksum.', 'c 3.0.0 names no license.'],
    });
  });

  it('in another form is refused', () => {
    expect(() => readSbom({ spdxVersion: 'SPDX-2.3' })).toThrow();
  });
});

describe('an audit', () => {
  const hole = (severity: string, via: readonly unknown[]) => ({ severity, range: '<1.2.3', via });

  it('without holes is empty', () => {
    expect(readAudit({ vulnerabilities: {}, metadata: {} })).toEqual({ holes: [] });
  });

  it('tells of each hole, and which ones are serious', () => {
    const vulnerabilities = {
      a: hole('low', [{ title: 'Slow', url: 'https://example.org/1' }]),
      b: hole('moderate', ['a', { title: 'Leaks', url: 'https://example.org/2' }]),
    };
    expect(readAudit({ vulnerabilities })).toEqual({
      holes: [
        { line: 'a <1.2.3 (low): Slow https://example.org/1', isSerious: false },
        { line: 'b <1.2.3 (moderate): through a; Leaks https://example.org/2', isSerious: true },
      ],
    });
  });

  it('that the registry refuses is no audit', () => {
    const message = '405 Method Not Allowed';
    expect(readAudit({ message, method: 'POST', statusCode: 405, error: {} })).toEqual({ refusal: message });
  });

  it('in another form is refused', () => {
    expect(() => readAudit({ advisories: {} })).toThrow();
  });
});
