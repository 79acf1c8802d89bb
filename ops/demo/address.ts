/** Where the demo issuer stands below the public origin, and the name core has there. */
export const DEMO_ISSUER_PATH = '/demo-issuer';
export const DEMO_CLIENT_ID = 'bedside-demo';
