"""Java classes from Python, with openHAB's own ASM: no compiler is needed on the machine."""

from __future__ import annotations

from collections.abc import Sequence

from openhab_twilio.java.jvm import JavaObject, jclass

OP = jclass("org.objectweb.asm.Opcodes")


class JavaClass:
    """Builds a public class; methods can be added in any order, and `end` returns its bytes."""

    def __init__(self, name: str, interfaces: Sequence[str]) -> None:
        self.own = internal(name)
        writer = jclass("org.objectweb.asm.ClassWriter")
        self.made = writer(writer.COMPUTE_MAXS)
        self.made.visit(OP.V17, OP.ACC_PUBLIC + OP.ACC_SUPER, self.own, None, "java/lang/Object", list(interfaces))

    def field(self, name: str, kind: str) -> None:
        """Add a volatile field."""
        self.made.visitField(OP.ACC_PRIVATE + OP.ACC_VOLATILE, name, kind, None, None).visitEnd()

    def begin(self, name: str, descriptor: str, access: int = OP.ACC_PUBLIC) -> JavaObject:
        """Begin a method; end it with `end_method`."""
        method = self.made.visitMethod(access, name, descriptor, None, None)
        method.visitCode()
        return method

    def begin_constructor(self) -> JavaObject:
        """The constructor without arguments, to be ended with `end_method` after a return."""
        method = self.begin("<init>", "()V")
        method.visitVarInsn(OP.ALOAD, 0)
        method.visitMethodInsn(OP.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", False)
        return method

    def setter(self, name: str, field: str, kind: str) -> None:
        """A method that sets a field."""
        method = self.begin(name, f"({kind})V")
        method.visitVarInsn(OP.ALOAD, 0)
        method.visitVarInsn(OP.ALOAD, 1)
        method.visitFieldInsn(OP.PUTFIELD, self.own, field, kind)
        method.visitInsn(OP.RETURN)
        end_method(method)

    def getter(self, name: str, field: str, kind: str) -> None:
        """A method that gives a field."""
        method = self.begin(name, f"(){kind}")
        self.load(method, field, kind)
        method.visitInsn(OP.ARETURN)
        end_method(method)

    def load(self, method: JavaObject, field: str, kind: str) -> None:
        """Put a field of this object on the stack."""
        method.visitVarInsn(OP.ALOAD, 0)
        method.visitFieldInsn(OP.GETFIELD, self.own, field, kind)

    def end(self) -> JavaObject:
        """The bytes of the class."""
        self.made.visitEnd()
        return self.made.toByteArray()


def end_method(method: JavaObject) -> None:
    """End a method; ASM counts its stack and its variables."""
    method.visitMaxs(0, 0)
    method.visitEnd()


def internal(name: str) -> str:
    """The name of a class as the JVM writes it."""
    return name.replace(".", "/")


def load_class(name: str, data: JavaObject, context: JavaObject) -> JavaObject:
    """Load the class `name` from bytes. It sees all classes of the scripting add-on, and is visible to no other code."""
    files = jclass("java.nio.file.Files")
    folder = files.createTempDirectory("twilio-actions")
    target = folder.resolve(f"{internal(name)}.class")
    files.createDirectories(target.getParent())
    files.write(target, data)
    wiring = context.getBundle().adapt(jclass("org.osgi.framework.wiring.BundleWiring"))
    loader = jclass("java.net.URLClassLoader")([folder.toUri().toURL()], wiring.getClassLoader())
    loaded = loader.loadClass(name)
    for path in (target, *_parents(target, folder), folder):
        path.toFile().delete()
    return loaded


def _parents(target: JavaObject, folder: JavaObject) -> list[JavaObject]:
    parents, path = [], target.getParent()
    while not path.equals(folder):
        parents.append(path)
        path = path.getParent()
    return parents
