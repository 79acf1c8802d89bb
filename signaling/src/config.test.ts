import { ConfigError } from '@bedside/kit';
import { describe, expect, it } from 'vitest';
import { signalingConfig } from './config.ts';

describe('signalingConfig', () => {
  it('follows from the port alone', () => {
    expect(signalingConfig({ BEDSIDE_PORT: '9000' })).toMatchObject({
      issuer: 'http://localhost:9000',
      allowedOrigins: ['http://localhost:9000'],
      jwksUrl: 'http://127.0.0.1:9000/.well-known/jwks.json',
    });
  });

  it('SES8: takes the public address and further origins, as browsers write them', () => {
    const env = {
      BEDSIDE_PUBLIC_URL: 'https://Clinic.example/',
      BEDSIDE_ALLOWED_ORIGINS: 'https://portal.example:443, https://clinic.example',
    };
    expect(signalingConfig(env).allowedOrigins).toEqual(['https://clinic.example', 'https://portal.example']);
  });

  it('tells every problem at once', () => {
    const env = { BEDSIDE_PORT: 'x', BEDSIDE_ALLOWED_ORIGINS: 'nonsense', BEDSIDE_JWKS_URL: 'ftp://x' };
    expect(() => signalingConfig(env)).toThrow(ConfigError);
    expect(() => signalingConfig(env)).toThrow(/BEDSIDE_PORT[\s\S]*BEDSIDE_ALLOWED_ORIGINS[\s\S]*BEDSIDE_JWKS_URL/);
  });
});
