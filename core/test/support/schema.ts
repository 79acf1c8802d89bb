import { sql } from 'kysely';
import type { Db } from '../../src/db/database.ts';

/** A database's schema as text, one line a thing, sorted: two schemas are the same when their texts are. */
export const describeSchema = async (db: Db): Promise<string> => {
  const { rows } = await sql<{ line: string }>`
    SELECT line COLLATE "C" AS line FROM (
      SELECT format('column %s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
        coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), CASE WHEN a.attidentity <> '' THEN ' identity' ELSE '' END)) AS line
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
      -- Not-null constraints are rows of their own from PostgreSQL 18 on; the columns tell of them already.
      SELECT format('constraint %s.%s %s', c.relname, o.conname, pg_get_constraintdef(o.oid))
      FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
      JOIN pg_namespace n ON n.oid = o.connamespace AND n.nspname = 'public'
      WHERE o.contype <> 'n'
      UNION ALL
      SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL
      SELECT format('trigger %s', pg_get_triggerdef(t.oid))
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
      WHERE NOT t.tgisinternal
      UNION ALL
      SELECT format('function %s', pg_get_functiondef(p.oid))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'public'
      WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
      UNION ALL
      SELECT format('wall %s%s%s', c.relname, CASE WHEN c.relrowsecurity THEN ' on' ELSE ' off' END,
        CASE WHEN c.relforcerowsecurity THEN ' forced' ELSE '' END)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' AND c.relkind IN ('r', 'p')
      UNION ALL
      SELECT format('policy %s.%s %s to %s using %s check %s', tablename, policyname, cmd, roles, qual, with_check)
      FROM pg_policies WHERE schemaname = 'public'
      UNION ALL
      SELECT format('right %s %s on %s', grantee, string_agg(privilege_type, ',' ORDER BY privilege_type), table_name)
      FROM information_schema.role_table_grants WHERE table_schema = 'public' AND grantee IN ('bedside_app', 'bedside_person', 'bedside_functions')
      GROUP BY grantee, table_name
      UNION ALL
      SELECT format('extension %s', extname) FROM pg_extension WHERE extname <> 'plpgsql'
    ) AS things ORDER BY 1`.execute(db);
  return `${rows.map((row) => row.line.trimEnd()).join('\n')}\n`;
};
