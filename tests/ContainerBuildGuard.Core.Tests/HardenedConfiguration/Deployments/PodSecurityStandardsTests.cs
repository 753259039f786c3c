namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Both levels against the published standard: for each control what it allows and what it forbids.</summary>
[TestClass]
public sealed class PodSecurityStandardsTests
{
    private const string Restricted = "securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }";
    private const string RestrictedContainer = "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }";

    [TestMethod]
    [DataRow("appArmorProfile", "securityContext: { appArmorProfile: { type: Unconfined } }", "", "securityContext: { appArmorProfile: { type: RuntimeDefault } }", "")]
    [DataRow("appArmorProfile", "", "securityContext: { appArmorProfile: { type: Unconfined } }", "", "securityContext: { appArmorProfile: { type: Localhost, localhostProfile: p } }")]
    [DataRow("capabilities_baseline", "", "securityContext: { capabilities: { add: [NET_RAW] } }", "", "securityContext: { capabilities: { add: [MKNOD, SYS_CHROOT] } }")]
    [DataRow("capabilities_baseline", "", "securityContext: { capabilities: { add: [chown] } }", "", "securityContext: { capabilities: { add: [CHOWN] } }")]
    [DataRow("hostNamespaces", "hostNetwork: true", "", "hostNetwork: false", "")]
    [DataRow("hostNamespaces", "hostPID: true", "", "hostIPC: false", "")]
    [DataRow("hostNamespaces", "hostIPC: true", "", "", "")]
    [DataRow("hostPathVolumes", "volumes: [{ name: a, hostPath: {} }]", "", "volumes: [{ name: a, hostPath: null, emptyDir: {} }]", "")]
    [DataRow("hostPorts", "", "ports: [{ containerPort: 1, hostPort: 1 }]", "", "ports: [{ containerPort: 1, hostPort: 0 }]")]
    [DataRow("hostProbesAndHostLifecycle", "", "startupProbe: { tcpSocket: { host: a, port: 1 } }", "", "startupProbe: { tcpSocket: { host: '', port: 1 } }")]
    [DataRow("hostProbesAndHostLifecycle", "", "lifecycle: { preStop: { httpGet: { host: a, port: 1 } } }", "", "lifecycle: { preStop: { httpGet: { port: 1 } } }")]
    [DataRow("privileged", "", "securityContext: { privileged: true }", "", "securityContext: { privileged: false }")]
    [DataRow("procMount", "", "securityContext: { procMount: Unmasked }", "hostUsers: false", "securityContext: { procMount: Unmasked }")]
    [DataRow("seccompProfile_baseline", "securityContext: { seccompProfile: { type: Unconfined } }", "", "", "")]
    [DataRow("seccompProfile_baseline", "", "securityContext: { seccompProfile: { type: Unconfined } }", "", "securityContext: { seccompProfile: { type: Localhost } }")]
    [DataRow("seLinuxOptions", "securityContext: { seLinuxOptions: { type: spc_t } }", "", "securityContext: { seLinuxOptions: { type: container_engine_t, level: 's0:c1' } }", "")]
    [DataRow("seLinuxOptions", "", "securityContext: { seLinuxOptions: { user: system_u } }", "", "securityContext: { seLinuxOptions: { type: container_kvm_t } }")]
    [DataRow("seLinuxOptions", "securityContext: { seLinuxOptions: { role: system_r } }", "", "securityContext: { seLinuxOptions: { role: '' } }", "")]
    [DataRow("sysctls", "securityContext: { sysctls: [{ name: net.core.somaxconn, value: '1' }] }", "", "securityContext: { sysctls: [{ name: net.ipv4.tcp_notsent_lowat, value: '1' }] }", "")]
    [DataRow("windowsHostProcess", "", "securityContext: { windowsOptions: { hostProcess: true } }", "", "securityContext: { windowsOptions: { runAsUserName: a } }")]
    public void Baseline_forbids_and_allows(string check, string badPod, string badContainer, string goodPod, string goodContainer)
    {
        CollectionAssert.AreEqual(new[] { check }, Denied(PodSecurityLevel.Baseline, badPod, badContainer).ToArray());
        Assert.IsEmpty(Denied(PodSecurityLevel.Baseline, goodPod, goodContainer));
    }

    [TestMethod]
    [DataRow("allowPrivilegeEscalation", Restricted, "securityContext: { capabilities: { drop: [ALL] } }")]
    [DataRow("allowPrivilegeEscalation", Restricted, "securityContext: { allowPrivilegeEscalation: true, capabilities: { drop: [ALL] } }")]
    [DataRow("capabilities_restricted", Restricted, "securityContext: { allowPrivilegeEscalation: false }")]
    [DataRow("capabilities_restricted", Restricted, "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL], add: [CHOWN] } }")]
    [DataRow("procMount_restricted", "hostUsers: false\n  " + Restricted, "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, procMount: Unmasked }")]
    [DataRow("restrictedVolumes", "volumes: [{ name: a, gitRepo: { repository: a } }]\n  " + Restricted, RestrictedContainer)]
    [DataRow("restrictedVolumes", "volumes: [{ name: a, hostPath: { path: /a } }]\n  " + Restricted, RestrictedContainer)]
    [DataRow("runAsNonRoot", "securityContext: { seccompProfile: { type: RuntimeDefault } }", RestrictedContainer)]
    [DataRow("runAsNonRoot", "securityContext: { runAsNonRoot: false, seccompProfile: { type: RuntimeDefault } }", "securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }")]
    [DataRow("runAsNonRoot", Restricted, "securityContext: { runAsNonRoot: false, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }")]
    [DataRow("runAsUser", "securityContext: { runAsUser: 0, runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }", RestrictedContainer)]
    [DataRow("seccompProfile_restricted", "securityContext: { runAsNonRoot: true }", RestrictedContainer)]
    [DataRow("seccompProfile_restricted", Restricted, "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, seccompProfile: { type: Unconfined } }")]
    public void Restricted_forbids(string check, string pod, string container) =>
        CollectionAssert.AreEqual(new[] { check }, Denied(PodSecurityLevel.Restricted, pod, container).Distinct().ToArray());

    [TestMethod]
    [DataRow(Restricted, RestrictedContainer)]
    [DataRow("", "securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault }, allowPrivilegeEscalation: false, capabilities: { drop: [ALL], add: [NET_BIND_SERVICE] } }")]
    [DataRow("volumes: [{ name: a }, { name: b, image: { reference: a } }, { name: c, csi: { driver: d } }]\n  " + Restricted, RestrictedContainer)]
    [DataRow("os: { name: windows }\n  securityContext: { runAsNonRoot: true }", "")]
    [DataRow("hostUsers: false\n  securityContext: { runAsUser: 0, seccompProfile: { type: RuntimeDefault } }", RestrictedContainer)]
    public void Restricted_allows(string pod, string container) =>
        Assert.IsEmpty(Denied(PodSecurityLevel.Restricted, pod, container));

    [TestMethod]
    [DataRow("initContainers")]
    [DataRow("ephemeralContainers")]
    public void Other_containers_count_as_well(string list) =>
        CollectionAssert.AreEqual(new[] { "privileged" }, Denied(PodSecurityLevel.Baseline, $"{list}: [{{ name: i, image: a, securityContext: {{ privileged: true }} }}]", "").ToArray());

    [TestMethod]
    [DataRow(33, "hostProbesAndHostLifecycle", false)]
    [DataRow(34, "hostProbesAndHostLifecycle", true)]
    public void Host_probes_count_since_1_34(int minor, string check, bool denied) =>
        Assert.AreEqual(denied, Denied(PodSecurityLevel.Baseline, "", "livenessProbe: { httpGet: { host: a, port: 1 } }", minor).Contains(check));

    [TestMethod]
    [DataRow("net.ipv4.ip_local_reserved_ports", 26, 27)]
    [DataRow("net.ipv4.tcp_keepalive_time", 28, 29)]
    [DataRow("net.ipv4.tcp_wmem", 31, 32)]
    [DataRow("net.ipv4.tcp_slow_start_after_idle", 36, 37)]
    public void Safe_sysctls_grow_with_the_version(string name, int before, int since)
    {
        var pod = $"securityContext: {{ sysctls: [{{ name: {name}, value: '1' }}] }}";
        Assert.IsNotEmpty(Denied(PodSecurityLevel.Baseline, pod, "", before));
        Assert.IsEmpty(Denied(PodSecurityLevel.Baseline, pod, "", since));
    }

    [TestMethod]
    public void Annotations_of_old_versions_count()
    {
        Assert.IsNotEmpty(Denied(PodSecurityLevel.Baseline, "", "", annotations: "container.apparmor.security.beta.kubernetes.io/web: unconfined"));
        Assert.IsEmpty(Denied(PodSecurityLevel.Baseline, "", "", annotations: "container.apparmor.security.beta.kubernetes.io/web: localhost/p"));
        Assert.IsNotEmpty(Denied(PodSecurityLevel.Baseline, "", "", 18, "seccomp.security.alpha.kubernetes.io/pod: unconfined"));
        Assert.IsEmpty(Denied(PodSecurityLevel.Baseline, "", "", 19, "seccomp.security.alpha.kubernetes.io/pod: unconfined"));
    }

    [TestMethod]
    public void The_levels_have_as_many_controls_as_the_standard()
    {
        Assert.HasCount(12, PodSecurityStandards.For(new(PodSecurityLevel.Baseline)));
        Assert.HasCount(15, PodSecurityStandards.For(new(PodSecurityLevel.Restricted)));
    }

    [TestMethod]
    [DataRow("apiVersion: apps/v1\nkind: Deployment\nspec: { template: { spec: SPEC } }")]
    [DataRow("apiVersion: batch/v1\nkind: CronJob\nspec: { jobTemplate: { spec: { template: { spec: SPEC } } } }")]
    [DataRow("apiVersion: v1\nkind: PodTemplate\ntemplate: { spec: SPEC }")]
    [DataRow("apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: PodList, items: [{ apiVersion: v1, kind: Pod, spec: SPEC }] }]")]
    [DataRow("apiVersion: serving.knative.dev/v1\nkind: Service\nspec: { template: { spec: SPEC } }")]
    [DataRow("apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nspec: { tasks: [{ name: a, template: { spec: SPEC } }] }")]
    [DataRow("apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\nspec: { template: { spec: SPEC } }")]
    [DataRow("apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: { template: { spec: SPEC } }")]
    public void Pods_are_found_wherever_they_stand(string text)
    {
        using var manifests = new Manifests();
        manifests.Add("a.yaml", text.Replace("SPEC", "{ hostPID: true, containers: [{ name: a, image: b }] }", StringComparison.Ordinal));
        var audit = DeploymentAudit.Run(manifests.Request() with { Profile = new(PodSecurityLevel.Baseline) }, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { "CBG2203" }, audit.Findings.Select(f => f.Code).ToArray());
    }

    private static List<string> Denied(PodSecurityLevel level, string pod, string container, int minor = PodSecurityProfile.Latest, string annotations = "")
    {
        var text = RuleCases.PodText(pod, container).Replace("{ name: web }", $"{{ name: web, annotations: {{ {annotations} }} }}", StringComparison.Ordinal);
        var set = new DeploymentSet();
        KubernetesReader.Read(YamlReader.Read(new SourceText("pod.yaml", text)).Documents.Single(), set);
        return [.. PodSecurityStandards.For(new(level, minor)).Where(c => c.Check(set.Workloads.Single().Pod!, minor).Any()).Select(c => c.Id)];
    }
}
