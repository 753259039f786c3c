namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Everything that the Compose specification lets a file say, in the shapes that people write: read without a gap, and looked into.</summary>
[TestClass]
public sealed class ComposeShapesTests
{
    [TestMethod]
    public void A_project_of_every_shape_is_read_to_its_last_service()
    {
        using var files = new Manifests();
        files.Add(".env", "TAG=1.2\nEMPTY=\n");
        files.Add("infra/.env", "TAG=9\n");
        files.Add("infra/compose.yaml", "services:\n  cache:\n    image: redis:${TAG}\n    privileged: true\n");
        files.Add("more/compose.yaml", "services:\n  queue:\n    image: rabbitmq:${QUEUE_TAG:-3}\n    network_mode: host\n");
        files.Add("more/queue.env", "QUEUE_TAG=4\n");
        files.Add("common.yaml", "services:\n  base:\n    image: base:1\n    pid: host\n    environment:\n      A: '1'\n");
        files.Add("app.env", "A=1\n# comment\nexport B='two words'\nC=\"x\ny\"\nD\n");
        files.Add("compose.yaml", """
            name: shapes
            version: "3.9"
            x-log: &log { driver: local, options: { max-size: 10m } }
            x-limits: &limits
              mem_limit: 256m
              cpus: 0.5
            x-safe: &safe
              read_only: true
              cap_drop: [ALL]
            include:
              - infra/compose.yaml
              - path: [more/compose.yaml]
                project_directory: more
                env_file: [more/queue.env]
            services:
              nothing:
              web:
                <<: [*limits, *safe]
                image: web:${TAG:?needed}${EMPTY}
                build: { context: ., dockerfile_inline: "FROM scratch", additional_contexts: { a: ./a }, args: [A=1, B], secrets: [key], tags: [x:1], entitlements: [network.host] }
                command: null
                entrypoint: ""
                logging: *log
                env_file:
                  - app.env
                  - { path: missing.env, required: false }
                  - { path: app.env, format: raw }
                environment: [A, B=, "C=d"]
                ports:
                  - 8080
                  - "127.0.0.1:9000-9001:9000-9001/udp"
                  - "[::1]:6001:6001"
                  - { name: http, target: 80, published: "8081", host_ip: 127.0.0.1, protocol: tcp, app_protocol: http, mode: host }
                expose: [8080, "9000-9001/tcp"]
                volumes:
                  - data:/data:ro
                  - ./src:/src:cached,z
                  - type: bind
                    source: ./conf
                    target: /conf
                    read_only: true
                    bind: { create_host_path: true, propagation: rprivate, selinux: z, recursive: enabled }
                  - { type: tmpfs, target: /tmp, tmpfs: { size: 1gb, mode: 1777 } }
                  - { type: image, source: "models:1", target: /models, image: { subpath: a } }
                  - { type: volume, source: data, target: /d2, volume: { nocopy: true, subpath: x } }
                  - /anonymous
                tmpfs: /run
                depends_on: { worker: { condition: service_healthy, restart: true, required: false } }
                healthcheck: { test: [CMD, "true"], interval: 1m30s, start_interval: 5s }
                networks: { front: { aliases: [w], ipv4_address: 10.0.0.2, priority: 10, interface_name: eth1 }, back: }
                secrets: [key, { source: key, target: /k, uid: "1", mode: 0440 }]
                configs: [inline, { source: inline, target: /c }]
                develop: { watch: [{ action: sync+restart, path: ./src, target: /src, ignore: [node_modules/], include: ["*.cs"] }] }
                deploy:
                  replicas: 2
                  endpoint_mode: vip
                  placement: { constraints: [node.role == worker], preferences: [{ spread: node.labels.a }] }
                  resources: { limits: { cpus: "0.5", memory: 64M, pids: 100 }, reservations: { devices: [{ driver: nvidia, count: all, capabilities: [gpu] }] } }
                  restart_policy: { condition: on-failure, delay: 5s, max_attempts: 3, window: 120s }
                  update_config: { parallelism: 1, order: start-first }
                  labels: { a: b }
                labels: [a=b, c]
                label_file: [./labels]
                annotations: { a: b }
                ulimits: { nproc: 65535, nofile: { soft: 1024, hard: 2048 } }
                sysctls: [net.ipv4.tcp_syncookies=1]
                extra_hosts: { somehost: 162.242.195.82, other: ["10.0.0.1", "10.0.0.2"] }
                dns: 8.8.8.8
                gpus: [{ driver: nvidia, count: 1 }]
                models: { llm: { endpoint_var: URL, model_var: MODEL } }
                post_start: [{ command: [./init.sh], user: "1654", privileged: false, environment: [A=1] }]
                pre_stop: [{ command: ./stop.sh }]
                stop_grace_period: 1m
                pull_policy: every_12h
                attach: false
                init: true
                cgroup: private
                security_opt: [no-new-privileges:true]
                storage_opt: { size: 1G }
                credential_spec: { file: a.json }
                user: "1654"
              worker:
                extends: { file: common.yaml, service: base }
                ports: !reset []
                environment: !override { B: "2" }
                profiles: [jobs]
              shadow:
                extends: worker
                profiles: [debug, jobs]
              cloud:
                provider: { type: awesomecloud, options: { type: mysql, foo: [a, b] } }
            networks:
              front: { driver: bridge, ipam: { config: [{ subnet: 10.0.0.0/24 }] }, enable_ipv6: true }
              back: { internal: true }
              outside: { external: true, name: "${NET:-shared}" }
              default:
            volumes:
              data: { driver_opts: { type: none, o: bind, device: ./data } }
              other:
            secrets:
              key: { environment: KEY }
              file: { file: ./key.txt }
              outside: { external: true }
            configs:
              inline: { content: "a=${TAG}" }
              env: { environment: CONF }
            models:
              llm: { model: ai/smollm2, context_size: 1024, runtime_flags: [--no-prefill] }
            """);
        var audit = files.Audit("compose.yaml");
        Assert.AreEqual(0, audit.Unread, string.Join('\n', audit.Findings.Where(f => f.Code == DeploymentVerdict.UnreadCode).Select(f => f.Message)));
        Assert.AreEqual(6, audit.Subjects, "web, worker, shadow, cloud, cache and queue");

        // What is included and extended is looked into, at its own place.
        Assert.EndsWith("infra/compose.yaml", audit.Findings.Single(f => f.Code == "CBG2201").Location.Path!);
        Assert.EndsWith("more/compose.yaml", audit.Findings.Single(f => f.Code == "CBG2202").Location.Path!);
        Assert.IsTrue(audit.Findings.Where(f => f.Code == "CBG2203").All(f => f.Location.Path!.EndsWith("common.yaml", StringComparison.Ordinal)));
        var web = audit.Findings.Where(f => f.Message.Contains("'web'", StringComparison.Ordinal)).Select(f => f.Code).ToHashSet();
        foreach (var code in (string[])["CBG2213", "CBG2215", "CBG2217", "CBG2219", "CBG2235", "CBG2236"])
        {
            Assert.DoesNotContain(code, web, "What merge keys bring counts.");
        }
    }

    [TestMethod]
    public void A_file_that_says_nothing_of_a_service_takes_nothing_away()
    {
        using var files = new Manifests();
        files.Add("compose.yaml", "services: { web: { image: 'a:1', privileged: true } }");
        files.Add("compose.override.yaml", "services:\n  web:\n");
        Assert.Contains("CBG2201", files.Audit().Findings.Select(f => f.Code));
    }

    [TestMethod]
    public void The_files_of_one_include_lie_over_one_another_in_their_order()
    {
        using var files = new Manifests();
        files.Add("a.yaml", "services: { web: { image: 'a:1', privileged: true } }");
        files.Add("b.yaml", "services: { web: { privileged: false } }");
        files.Add("compose.yaml", "include: [{ path: [a.yaml, b.yaml] }]\n");
        Assert.DoesNotContain("CBG2201", files.Audit("compose.yaml").Findings.Select(f => f.Code));
        files.Add("compose.yaml", "include: [{ path: [b.yaml, a.yaml] }]\n");
        Assert.Contains("CBG2201", files.Audit("compose.yaml").Findings.Select(f => f.Code));
    }

    [TestMethod]
    [DataRow("services:\n")]
    [DataRow("services: {}\n")]
    [DataRow("services: { a: }\n")]
    [DataRow("services: { a: {} }\n")]
    [DataRow("services: { a: { image: , volumes: , environment: , ports: , deploy: , networks: , build: } }\n")]
    [DataRow("services: { a: { image: a, volumes: [~], environment: [~], ports: [~], cap_add: [~], env_file: [~], devices: [~], security_opt: [~] } }\n")]
    [DataRow("services: { a: { image: a, volumes: {}, environment: 3, ports: x, cap_add: {}, env_file: {}, deploy: [], networks: 1, healthcheck: [] } }\n")]
    [DataRow("services: { a: { image: [a], build: [b], user: {}, privileged: [true], extends: [a], ulimits: [a], sysctls: 1, secrets: {}, configs: x } }\n")]
    [DataRow("services: { a: { extends: a } }\n")]
    [DataRow("services: { a: { extends: { service: b } }, b: { extends: { service: a } } }\n")]
    [DataRow("services: [a, b]\n")]
    [DataRow("services: text\n")]
    [DataRow("include: compose.yaml\nservices: { a: { image: a } }\n")]
    [DataRow("include: [~, {}, [a], { path: }]\nservices: { a: { image: a } }\n")]
    [DataRow("web:\n  image: nginx\n  links: [db]\ndb:\n  image: postgres\n")]
    [DataRow("services: { a: { ports: [{ target: x, published: [1] }, { target: 99999999999 }, 22:22, '1-2:3', ':', '::', '-1:-1'] } }\n")]
    [DataRow("services: { a: { volumes: [{ type: bind }, { source: 1, target: [a] }, ':', '::', 'C:\\a:/b', '~/.ssh:/k', '${X}:/y'] } }\n")]
    public void A_shape_that_says_little_or_nonsense_is_no_error(string text)
    {
        using var files = new Manifests();
        files.Add("compose.yaml", text);
        Assert.HasCount(DeploymentRules.All.Select(r => r.Rule.Code).Distinct().Count() + 1, files.Audit("compose.yaml").Checks, "Every rule has an answer.");
    }
}
