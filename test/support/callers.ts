import { defineEntity, type EntityManager, MikroORM, p } from "@mikro-orm/postgresql";
import type { App } from "../../src/app/app.ts";
import { DEPLOYMENTS, type Deployment } from "./deployments.ts";

/** Something of the user's own, in the same database. */
export const OrderEntity = defineEntity({
  name: "Order",
  tableName: "user_order",
  properties: { id: p.integer().primary(), item: p.text() },
});

/** A user's code beside an app: what it writes with, in the table `user_order`. */
export interface Caller extends AsyncDisposable {
  em(): EntityManager;
  /** Items of the orders that are committed. */
  orders(): Promise<string[]>;
}

/** The ways to an EntityManager, on each kind of deployment. */
export const CALLERS = DEPLOYMENTS.flatMap(({ kind, deploy }) => {
  const own = { title: `${kind}, the user's own ORM`, deploy, open: ownOrm };
  const apps = { title: `${kind}, app.em()`, deploy, open: appsManager };
  return kind === "embedded" ? [apps] : [own, apps];
});

async function appsManager(_installation: Deployment, app: App): Promise<Caller> {
  return caller(
    () => app.em(),
    async () => undefined,
  );
}

export async function ownOrm({ settings }: Deployment): Promise<Caller> {
  const orm = await MikroORM.init({
    clientUrl: settings["databaseUrl"] as string,
    entities: [OrderEntity],
    ensureDatabase: false,
  });
  return caller(
    () => orm.em.fork(),
    () => orm.close(true),
  );
}

async function caller(em: () => EntityManager, close: () => Promise<void>): Promise<Caller> {
  await em().execute("create table if not exists user_order (id int primary key, item text not null)");
  return {
    em,
    orders: async () =>
      (await em().execute<{ item: string }[]>("select item from user_order order by id")).map(
        ({ item }) => item,
      ),
    [Symbol.asyncDispose]: close,
  };
}
