"""Generates a Java class of actions with openHAB's own ASM, so that no compiler is needed on the machine.

For each action, the class has a method, annotated if openHAB should list it, and a static twin that Rules DSL calls with
the actions object as first argument. Each call ends in a `BiFunction` that gets "name/number of inputs" and the inputs.
It can be replaced, and can be null: then actions return false or null.
"""

from __future__ import annotations

from collections.abc import Sequence

from openhab_twilio.java.jvm import JavaObject, jclass
from twilio_binding.protocol.actions import Kind, Overload

PACKAGE = "org.openhab.binding.twilio.internal.action."

_O = jclass("org.objectweb.asm.Opcodes")
_OBJECT = "Ljava/lang/Object;"
_STRING = "Ljava/lang/String;"
_CALLBACK = "Ljava/util/function/BiFunction;"
_ACTIONS = "org/openhab/core/thing/binding/ThingActions"
_HANDLER = "Lorg/openhab/core/thing/binding/ThingHandler;"
_SCOPE = "Lorg/openhab/core/thing/binding/ThingActionsScope;"
_ANNOTATION = "Lorg/openhab/core/automation/annotation/{};"
_FIELDS = (("handler", _HANDLER), ("callback", _CALLBACK))
_RESULTS: dict[Kind, str] = {"boolean": "Ljava/lang/Boolean;", "text": _STRING, "nothing": "V"}
_OUTPUTS: dict[Kind, str] = {"boolean": "java.lang.Boolean", "text": "java.lang.String"}


def emit(name: str, scope: str, actions: Sequence[Overload]) -> JavaObject:
    """The bytes of the class `name`."""
    own = _internal(name)
    writer = jclass("org.objectweb.asm.ClassWriter")
    made = writer(writer.COMPUTE_MAXS)
    made.visit(_O.V17, _O.ACC_PUBLIC + _O.ACC_SUPER, own, None, "java/lang/Object", [_ACTIONS])
    _annotate(made.visitAnnotation(_SCOPE, True), name=scope)
    for field, kind in _FIELDS:
        made.visitField(_O.ACC_PRIVATE + _O.ACC_VOLATILE, field, kind, None, None).visitEnd()
    _constructor(made)
    _setter(made, own, "setThingHandler", "handler", _HANDLER)
    _setter(made, own, "setCallback", "callback", _CALLBACK)
    _getter(made, own)
    _call(made)
    for action in actions:
        _method(made, own, action)
        _static_twin(made, own, action)
    made.visitEnd()
    return made.toByteArray()


def _internal(name: str) -> str:
    return name.replace(".", "/")


def load(name: str, data: JavaObject, context: JavaObject) -> JavaObject:
    """The Class `name` from bytes. Its loader sees what the scripting add-on sees, and nobody else sees the class."""
    files = jclass("java.nio.file.Files")
    folder = files.createTempDirectory("twilio-actions")
    target = folder.resolve(f"{_internal(name)}.class")
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


def _annotate(visitor: JavaObject, **values: object) -> None:
    for key, value in values.items():
        visitor.visit(key, value)
    visitor.visitEnd()


def _end(method: JavaObject) -> None:
    method.visitMaxs(0, 0)
    method.visitEnd()


def _begin(made: JavaObject, access: int, name: str, descriptor: str) -> JavaObject:
    method = made.visitMethod(access, name, descriptor, None, None)
    method.visitCode()
    return method


def _constructor(made: JavaObject) -> None:
    method = _begin(made, _O.ACC_PUBLIC, "<init>", "()V")
    method.visitVarInsn(_O.ALOAD, 0)
    method.visitMethodInsn(_O.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", False)
    method.visitInsn(_O.RETURN)
    _end(method)


def _setter(made: JavaObject, own: str, name: str, field: str, kind: str) -> None:
    method = _begin(made, _O.ACC_PUBLIC, name, f"({kind})V")
    method.visitVarInsn(_O.ALOAD, 0)
    method.visitVarInsn(_O.ALOAD, 1)
    method.visitFieldInsn(_O.PUTFIELD, own, field, kind)
    method.visitInsn(_O.RETURN)
    _end(method)


def _getter(made: JavaObject, own: str) -> None:
    method = _begin(made, _O.ACC_PUBLIC, "getThingHandler", f"(){_HANDLER}")
    method.visitVarInsn(_O.ALOAD, 0)
    method.visitFieldInsn(_O.GETFIELD, own, "handler", _HANDLER)
    method.visitInsn(_O.ARETURN)
    _end(method)


def _call(made: JavaObject) -> None:
    """Emit the call into Python: `callback == null ? null : callback.apply(signature, inputs)`."""
    method = _begin(made, _O.ACC_PRIVATE + _O.ACC_STATIC, "call", f"({_CALLBACK}{_OBJECT}{_OBJECT}){_OBJECT}")
    method.visitVarInsn(_O.ALOAD, 0)
    there = jclass("org.objectweb.asm.Label")()
    method.visitJumpInsn(_O.IFNONNULL, there)
    method.visitInsn(_O.ACONST_NULL)
    method.visitInsn(_O.ARETURN)
    method.visitLabel(there)
    method.visitFrame(_O.F_SAME, 0, None, 0, None)
    for index in range(3):
        method.visitVarInsn(_O.ALOAD, index)
    apply = f"({_OBJECT}{_OBJECT}){_OBJECT}"
    method.visitMethodInsn(_O.INVOKEINTERFACE, "java/util/function/BiFunction", "apply", apply, True)
    method.visitInsn(_O.ARETURN)
    _end(method)


def _descriptor(action: Overload, first: str = "") -> str:
    return f"({first}{_STRING * len(action.inputs)}){_RESULTS[action.kind]}"


def _method(made: JavaObject, own: str, action: Overload) -> None:
    method = made.visitMethod(_O.ACC_PUBLIC, action.name, _descriptor(action), None, None)
    if action.is_listed:
        _list(method, action)
    method.visitCode()
    method.visitVarInsn(_O.ALOAD, 0)
    method.visitFieldInsn(_O.GETFIELD, own, "callback", _CALLBACK)
    method.visitLdcInsn(f"{action.name}/{len(action.inputs)}")
    method.visitIntInsn(_O.BIPUSH, len(action.inputs))
    method.visitTypeInsn(_O.ANEWARRAY, "java/lang/Object")
    for index in range(len(action.inputs)):
        method.visitInsn(_O.DUP)
        method.visitIntInsn(_O.BIPUSH, index)
        method.visitVarInsn(_O.ALOAD, index + 1)
        method.visitInsn(_O.AASTORE)
    descriptor = f"({_CALLBACK}{_OBJECT}{_OBJECT}){_OBJECT}"
    method.visitMethodInsn(_O.INVOKESTATIC, own, "call", descriptor, False)
    _return(method, action.kind)
    _end(method)


def _list(method: JavaObject, action: Overload) -> None:
    """Annotate a method, so that openHAB lists it in the UI and over REST."""
    visible = True
    labels = {"label": action.label, "description": action.description}
    _annotate(method.visitAnnotation(_ANNOTATION.format("RuleAction"), visible), **labels)
    if action.kind in _OUTPUTS:
        output = method.visitAnnotation(_ANNOTATION.format("ActionOutput"), visible)
        _annotate(output, type=_OUTPUTS[action.kind], label=action.output)
    for index, one in enumerate(action.inputs):
        parameter = method.visitParameterAnnotation(index, _ANNOTATION.format("ActionInput"), visible)
        words = {"name": one.name, "label": one.label, "description": one.description}
        _annotate(parameter, **words, type="java.lang.String", required=False)


def _return(method: JavaObject, kind: Kind) -> None:
    """Convert what Python returns to the promised type: anything but true becomes false, and no cast can fail."""
    static = False
    match kind:
        case "nothing":
            method.visitInsn(_O.POP)
            method.visitInsn(_O.RETURN)
        case "boolean":
            own = "java/lang/Boolean"
            method.visitFieldInsn(_O.GETSTATIC, own, "TRUE", f"L{own};")
            method.visitInsn(_O.SWAP)
            method.visitMethodInsn(_O.INVOKEVIRTUAL, own, "equals", f"({_OBJECT})Z", static)
            method.visitMethodInsn(_O.INVOKESTATIC, own, "valueOf", f"(Z)L{own};", static)
            method.visitInsn(_O.ARETURN)
        case "text":
            method.visitInsn(_O.ACONST_NULL)
            descriptor = f"({_OBJECT}{_STRING}){_STRING}"
            method.visitMethodInsn(_O.INVOKESTATIC, "java/util/Objects", "toString", descriptor, static)
            method.visitInsn(_O.ARETURN)


def _static_twin(made: JavaObject, own: str, action: Overload) -> None:
    access, descriptor = _O.ACC_PUBLIC + _O.ACC_STATIC, _descriptor(action, f"L{_ACTIONS};")
    method = _begin(made, access, action.name, descriptor)
    method.visitVarInsn(_O.ALOAD, 0)
    method.visitTypeInsn(_O.CHECKCAST, own)
    for index in range(len(action.inputs)):
        method.visitVarInsn(_O.ALOAD, index + 1)
    method.visitMethodInsn(_O.INVOKEVIRTUAL, own, action.name, _descriptor(action), False)
    method.visitInsn(_O.RETURN if action.kind == "nothing" else _O.ARETURN)
    _end(method)
