namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

[TestClass]
public sealed class DeploymentFixTests
{
    [TestMethod]
    public void A_compose_file_keeps_its_comments_and_order() => Fixes("compose.yaml",
        """
        # our shop
        services:
          web:
            image: shop:1.2   # pinned by the bot
            ports:
              - 22:22
            security_opt:
              - apparmor:docker-default
            restart: always
          db: { image: "db:1" }

        """,
        """
        # our shop
        services:
          web:
            image: shop:1.2   # pinned by the bot
            ports:
              - "22:22"
            security_opt:
              - apparmor:docker-default
              - no-new-privileges:true
            restart: always
          db: { security_opt: [no-new-privileges:true], image: "db:1" }

        """);

    [TestMethod]
    public void A_pod_keeps_its_comments_and_order() => Fixes("pod.yaml",
        """
        apiVersion: v1
        kind: Pod
        spec:
          containers:
          - name: web # the app
            image: web:latest
            imagePullPolicy: IfNotPresent
          - image: side:1
            securityContext:
              # needs to write
              allowPrivilegeEscalation: true

        """,
        """
        apiVersion: v1
        kind: Pod
        spec:
          securityContext:
            seccompProfile:
              type: RuntimeDefault
          containers:
          - name: web # the app
            securityContext:
              allowPrivilegeEscalation: false
            image: web:latest
            imagePullPolicy: Always
          - image: side:1
            securityContext:
              # needs to write
              allowPrivilegeEscalation: false

        """);

    private static void Fixes(string name, string before, string after)
    {
        using var files = new Manifests();
        var path = files.Add(name, before);
        Assert.HasCount(1, DeploymentFix.Apply(files.Request(name), CancellationToken.None));
        Assert.AreEqual(after, File.ReadAllText(path));
        Assert.IsEmpty(DeploymentFix.Apply(files.Request(name), CancellationToken.None));
        Assert.AreEqual(after, File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(files.Folder));
    }
}
